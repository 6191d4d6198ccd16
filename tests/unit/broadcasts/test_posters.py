"""Pictures in, one kind of picture out; whatever is wrong with one is refused in words."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from PIL import Image

from server.broadcasts.posters import Posters
from server.core.errors import AppError, TooLarge
from server.core.ids import new_id

BROADCAST = new_id()


def _picture(kind: str, size: tuple[int, int] = (1000, 1000), mode: str = "RGB", **more: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "#b8181d").save(out, kind, **more)
    return out.getvalue()


def _claiming(width: int, height: int) -> bytes:
    """A PNG header that promises many pixels and brings none."""
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk)) + b"\x00\x00\x10\x00IDAT"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
async def test_every_kind_becomes_a_cover_of_one_size(kind: str, tmp_path: Path) -> None:
    posters = Posters(tmp_path / "posters")
    name = await posters.keep(BROADCAST, _picture(kind))
    with Image.open(posters.path(BROADCAST, name)) as kept:
        assert (kept.format, kept.size) == ("JPEG", (1280, 720))
    assert await posters.keep(BROADCAST, _picture(kind)) == name
    await posters.drop(BROADCAST, name)
    assert list((tmp_path / "posters").iterdir()) == []


async def test_metadata_is_gone_and_its_turn_is_applied(tmp_path: Path) -> None:
    tall = Image.new("RGB", (100, 200), "white")
    tall.paste("black", (0, 0, 100, 100))  # the upper half
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90° to the right: the upper half comes to the right
    exif[0x010F] = "canary-device"
    exif.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    tall.save(out, "JPEG", exif=exif, comment=b"canary-comment", quality=95)
    posters = Posters(tmp_path)
    path = posters.path(BROADCAST, await posters.keep(BROADCAST, out.getvalue()))
    assert b"canary" not in path.read_bytes()
    with Image.open(path) as kept:
        assert not kept.getexif()
        row = kept.convert("L").crop((0, 360, 1280, 361)).tobytes()
    assert row[100] > 200 > 50 > row[1180]


async def test_transparency_lies_on_white(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGBA", (64, 36), (0, 0, 0, 0)).save(out, "PNG")
    posters = Posters(tmp_path)
    with Image.open(posters.path(BROADCAST, await posters.keep(BROADCAST, out.getvalue()))) as kept:
        assert kept.getpixel((640, 360)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "picture_needed"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "picture_needed"),
        (_picture("GIF"), "picture_needed"),
        (b"%PDF-1.7", "picture_needed"),
        (_picture("JPEG")[:-2000], "picture_invalid"),
        (b"\xff\xd8\xff" + b"\x00" * 100, "picture_invalid"),
        (b"RIFF\x00\x00\x00\x00WEBP" + b"\x00" * 100, "picture_invalid"),
        (_claiming(6000, 6000), "picture_invalid"),
        (_claiming(7000, 7000), "poster_too_many_pixels"),
        (_claiming(10_000, 10_000), "picture_invalid"),  # Pillow itself refuses, with a warning or an error
        (_claiming(2**31 - 1, 2**31 - 1), "picture_invalid"),
    ],
)
async def test_what_is_no_fit_picture_is_refused_and_nothing_is_kept(data: bytes, code: str, tmp_path: Path) -> None:
    with pytest.raises(AppError) as refusal:
        await Posters(tmp_path / "posters").keep(BROADCAST, data)
    assert refusal.value.code == code
    assert not (tmp_path / "posters").exists()


async def test_more_than_four_megabytes_are_refused_unread(tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        await Posters(tmp_path).keep(BROADCAST, b"\xff\xd8\xff" + bytes(4 * 1024 * 1024))
