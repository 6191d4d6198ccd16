"""Posters: any JPEG, PNG or WebP goes in, one kind comes out: a JPEG of 1280×720, cropped to cover, without metadata.

How a picture is read and written see `core.pictures`. Files are named by their content, so an address that carries the name may
be cached for ever.
"""

import asyncio
import hashlib
from pathlib import Path

from PIL import Image, ImageOps

from ..core.errors import TooLarge, Unsupported
from ..core.files import write_atomically
from ..core.pictures import opened, picture_kind, written_anew
from .limits import MAX_POSTER_BYTES, MAX_POSTER_PIXELS

SIZE = (1280, 720)
_QUALITY = 86


class Posters:
    """Keeps pictures in one folder; decodes one at a time, in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._one = asyncio.Semaphore(1)  # a picture of 40 megapixels takes some 160 MB while it is decoded

    async def keep(self, broadcast_id: str, data: bytes) -> str:
        """Store the picture and answer its name. Raise TooLarge, Unsupported, Unprocessable `picture_invalid`."""
        if len(data) > MAX_POSTER_BYTES:
            raise TooLarge("poster_too_large", "图片不能超过 4 MB")
        kind = picture_kind(data)
        if kind is None:
            raise Unsupported("picture_needed", "请上传 JPEG、PNG 或 WebP 图片")
        async with self._one:
            return await asyncio.to_thread(self._keep, broadcast_id, data, kind)

    def path(self, broadcast_id: str, name: str) -> Path:
        return self._folder / f"{broadcast_id}.{name[:32]}.jpg"

    async def drop(self, broadcast_id: str, name: str) -> None:
        await asyncio.to_thread(self.path(broadcast_id, name).unlink, missing_ok=True)

    def _keep(self, broadcast_id: str, data: bytes, kind: str) -> str:
        picture = cover(data, kind)
        name = hashlib.sha256(picture).hexdigest()
        self._folder.mkdir(parents=True, exist_ok=True)
        write_atomically(self.path(broadcast_id, name), picture)
        return name


def cover(data: bytes, kind: str) -> bytes:
    """The picture as a 1280×720 JPEG that it fills. `kind` is Pillow's name of the format. Blocking."""
    twice = (SIZE[0] * 2, SIZE[1] * 2)
    too_many = TooLarge("poster_too_many_pixels", "图片尺寸过大，请缩小后再上传")
    picture = opened(data, kind, needed=twice, too_many=too_many, most_pixels=MAX_POSTER_PIXELS)
    return written_anew(ImageOps.fit(picture, SIZE, Image.Resampling.LANCZOS), quality=_QUALITY)
