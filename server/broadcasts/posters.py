"""Posters: any JPEG, PNG or WebP goes in, one kind comes out: a JPEG of 1280×720, cropped to cover, without metadata.

What a file is is decided by its first bytes, never by its name or declared type. The size in pixels is read from the header and
refused before anything is decoded. Re-encoding drops EXIF (with its place and device) and whatever else hides in a picture.
Files are named by their content, so an address that carries the name may be cached for ever.
"""

import asyncio
import hashlib
import io
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from ..core.errors import TooLarge, Unprocessable, Unsupported
from ..core.files import write_atomically
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
        kind = _kind(data)
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
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            if picture.width * picture.height > MAX_POSTER_PIXELS:
                raise TooLarge("poster_too_many_pixels", "图片尺寸过大，请缩小后再上传")
            picture.draft("RGB", (SIZE[0] * 2, SIZE[1] * 2))  # JPEG only: decodes at a fraction of the size
            opaque = _on_white(ImageOps.exif_transpose(picture))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError) as error:
        raise Unprocessable("picture_invalid", "图片无法读取，可能已损坏") from error
    clean = Image.new("RGB", SIZE)  # a fresh one: what Pillow read of comments and profiles it would write again
    clean.paste(ImageOps.fit(opaque, SIZE, Image.Resampling.LANCZOS))
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=_QUALITY, progressive=True, optimize=True)
    return out.getvalue()


def _kind(data: bytes) -> str | None:
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return None


def _on_white(picture: Image.Image) -> Image.Image:
    """Transparency would turn black in a JPEG."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    ground = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(ground, layered).convert("RGB")
