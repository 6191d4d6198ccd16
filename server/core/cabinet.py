"""Pictures and papers that people hand in: what a file is is decided by its content, and only what is known is kept.

A picture is written anew as an upright JPEG of a bounded size (`core.pictures`). A PDF is kept as it is, given back as a
download, and never shown inside a page.

The file is on the disk before its row is in the database: a crash in between leaves a file without a row, which `sweep` removes
a day later, never a row without a file. Files are named by the row's id, so removing one never takes another's.
"""

import asyncio
import errno
import hashlib
import shutil
import time
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import structlog
from PIL import Image

from .errors import TooLarge, Unavailable, Unprocessable, Unsupported
from .files import write_atomically
from .pictures import opened, picture_kind, written_anew

log = structlog.get_logger(__name__)

MOST_BYTES = 16 * 1024 * 1024
_MOST_PIXELS = 60_000_000  # the largest photographs of phones; more is a pixel flood
_EDGE = 2560
_QUALITY = 85
_PRINTED = 1400  # pixels: 200 dots an inch over the width of a page
_SPARE = 256 * 1024 * 1024  # bytes of the disk that stay free for the database and the recordings
_ORPHAN = 24 * 3600  # s


@dataclass(frozen=True, slots=True)
class Kept:
    """`kind`: `jpeg` or `pdf`. `sha256` is of what is kept and given back."""

    kind: str
    size: int
    sha256: str


class Cabinet:
    """One folder; one picture is decoded at a time, in a thread."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._one = asyncio.Semaphore(1)

    async def keep(self, attachment_id: str, data: bytes) -> Kept:
        """Raise TooLarge, Unsupported `file_kind`, Unprocessable `picture_invalid`, `pdf_invalid`, Unavailable `disk_full`."""
        if len(data) > MOST_BYTES:
            raise too_large()
        kind = kind_of(data)
        if kind is None:
            raise Unsupported("file_kind", "只能上传 JPEG、PNG、WebP 图片和 PDF 文件")
        async with self._one:
            return await asyncio.to_thread(self._keep, attachment_id, data, kind)

    def path(self, attachment_id: str, kind: str) -> Path:
        return self._folder / f"{attachment_id}.{'pdf' if kind == 'pdf' else 'jpg'}"

    async def small(self, attachment_id: str) -> bytes | None:
        """A picture as it is printed; None where the file is missing or cannot be read."""
        async with self._one:
            return await asyncio.to_thread(_small, self.path(attachment_id, "jpeg"))

    async def drop(self, attachment_id: str, kind: str) -> None:
        await asyncio.to_thread(self.path(attachment_id, kind).unlink, missing_ok=True)

    async def names(self) -> list[str]:
        """Ids of files that have been there for a day."""
        return await asyncio.to_thread(self._old)

    async def sweep(self, orphans: Collection[str]) -> None:
        for each in orphans:
            for kind in ("jpeg", "pdf"):
                await self.drop(each, kind)

    def _keep(self, attachment_id: str, data: bytes, kind: str) -> Kept:
        content = checked_pdf(data) if kind == "PDF" else upright(data, kind)
        kept = Kept("pdf" if kind == "PDF" else "jpeg", len(content), hashlib.sha256(content).hexdigest())
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free < _SPARE + len(content):
                raise _full()
            write_atomically(self.path(attachment_id, kept.kind), content, mode=0o600)
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise _full() from error
            raise
        return kept

    def _old(self) -> list[str]:
        if not self._folder.is_dir():
            return []
        before = time.time() - _ORPHAN
        return [each.stem for each in self._folder.glob("[!.]*.*") if each.stat().st_mtime < before]


def _small(path: Path) -> bytes | None:
    try:
        with Image.open(path, formats=["JPEG"]) as picture:
            picture.draft("RGB", (_PRINTED, _PRINTED))
            smaller = picture.convert("RGB")
    except OSError as error:
        log.warning("picture_not_printed", reason=str(error))
        return None
    smaller.thumbnail((_PRINTED, _PRINTED), Image.Resampling.LANCZOS)
    return written_anew(smaller, quality=_QUALITY)


def kind_of(data: bytes) -> str | None:
    """By its first bytes, in Pillow's names."""
    return picture_kind(data) or ("PDF" if data.startswith(b"%PDF-") else None)


def checked_pdf(data: bytes) -> bytes:
    """It has an end; programs that open it must look for themselves."""
    if b"%%EOF" not in data[-2048:]:
        raise Unprocessable("pdf_invalid", "PDF 文件不完整，可能没有传完")
    return data


def upright(data: bytes, kind: str) -> bytes:
    """The picture as a JPEG, the longer edge 2560 pixels at most, without metadata. Blocking."""
    too_many = TooLarge("picture_too_many_pixels", "图片尺寸过大，请缩小后再上传")
    picture = opened(data, kind, needed=(_EDGE, _EDGE), too_many=too_many, most_pixels=_MOST_PIXELS)
    picture.thumbnail((_EDGE, _EDGE), Image.Resampling.LANCZOS)
    return written_anew(picture, quality=_QUALITY)


def too_large() -> TooLarge:
    return TooLarge("file_too_large", "一个文件不能超过 16 MB")


def _full() -> Unavailable:
    log.error("attachments_disk_full", alarm=True)
    return Unavailable("disk_full", "服务器空间不足，请联系管理员", retry_after=600)
