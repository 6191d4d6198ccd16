"""Pictures that people upload.

What one is is decided by its first bytes, never by its name or declared type; its size in pixels is read from the header and
refused before anything is decoded. What goes out is written anew: EXIF, with place and device, and whatever else hides in a
picture stay behind.
"""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

from .errors import TooLarge, Unprocessable

_UNREADABLE = (UnidentifiedImageError, OSError, ValueError, SyntaxError, Warning, Image.DecompressionBombError)


def picture_kind(data: bytes) -> str | None:
    """JPEG, PNG or WEBP, in Pillow's names; None for anything else."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return None


def opened(data: bytes, kind: str, *, needed: tuple[int, int], too_many: TooLarge, most_pixels: int) -> Image.Image:
    """The picture, upright and on white. `needed`: as many pixels as will be made of it; a JPEG is decoded at a fraction of its
    size. Blocking. Raise `too_many`, Unprocessable `picture_invalid`."""
    try:
        with Image.open(io.BytesIO(data), formats=[kind]) as picture:
            if picture.width * picture.height > most_pixels:
                raise too_many
            picture.draft("RGB", needed)
            return _on_white(ImageOps.exif_transpose(picture))
    except _UNREADABLE as error:
        raise Unprocessable("picture_invalid", "图片无法读取，可能已损坏") from error


def written_anew(picture: Image.Image, *, quality: int) -> bytes:
    """As a JPEG of nothing but pixels: what Pillow read of comments and profiles it would write again."""
    clean = Image.new("RGB", picture.size)
    clean.paste(picture)
    out = io.BytesIO()
    clean.save(out, "JPEG", quality=quality, progressive=True, optimize=True)
    return out.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    """Transparency would turn black in a JPEG."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layered = picture.convert("RGBA")
    ground = Image.new("RGBA", layered.size, "white")
    return Image.alpha_composite(ground, layered).convert("RGB")
