"""What stands in for the camera: a drawn hall, or upright a drawn workshop, as raw video that Chromium plays in a loop."""

import math
from collections.abc import Callable
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from server.demo.picture import chinese_font

PER_SECOND, FRAMES = 10, 40
Draw = Callable[[ImageDraw.ImageDraw, float], None]
# From the whole range of a byte to that of video.
_LIGHT = [16 + round(value * 219 / 255) for value in range(256)]
_COLOUR = [128 + round((value - 128) * 224 / 255) for value in range(256)]
_SKIN, _HAIR, _RED, _GOLD = "#efc3a4", "#2d2320", "#b8181d", "#d9a441"


def make_films(folder: Path) -> dict[str, Path]:
    """Both films, by the orientation they are for."""
    films = {"landscape": (1280, 720, _hall), "portrait": (720, 1280, _workshop)}
    return {name: _write(folder / f"{name}.y4m", *film) for name, film in films.items()}


def draw_hall() -> Image.Image:
    """One picture of it, twice as large."""
    picture = Image.new("RGB", (2560, 1440))
    _hall(ImageDraw.Draw(picture), 0.0)
    return picture


def _write(file: Path, width: int, height: int, draw: Draw) -> Path:
    with file.open("wb") as out:
        out.write(f"YUV4MPEG2 W{width} H{height} F{PER_SECOND}:1 Ip A1:1 C420jpeg\n".encode())
        for number in range(FRAMES):
            # Twice as large and halved, for smooth edges.
            picture = Image.new("RGB", (2 * width, 2 * height))
            draw(ImageDraw.Draw(picture), number / FRAMES)
            light, *colours = picture.resize((width, height), Image.Resampling.BOX).convert("YCbCr").split()
            planes = [light.point(_LIGHT), *(each.resize((width // 2, height // 2)).point(_COLOUR) for each in colours)]
            out.write(b"FRAME\n" + b"".join(each.tobytes() for each in planes))
    return file


def _words(pen: ImageDraw.ImageDraw, at: tuple[float, float], words: str, size: int, colour: str) -> None:
    font = chinese_font()
    assert font is not None, "no Chinese font (apt-get install fonts-noto-cjk)"  # noqa: S101
    pen.text(at, words, fill=colour, font=ImageFont.truetype(str(font), size), anchor="mm")


def _sway(turn: float, share: float = 0.0) -> float:
    return math.sin(2 * math.pi * (turn + share))


def _hall(pen: ImageDraw.ImageDraw, turn: float) -> None:
    """A speaker at a lectern, seen over the heads of those who listen."""
    pen.rectangle((0, 0, 2560, 1440), fill="#efe7d9")
    for x in range(160, 2560, 320):
        pen.line((x, 0, x, 1000), fill="#e4dac8", width=6)
    pen.rectangle((0, 960, 2560, 1440), fill="#9b7a55")
    # Low enough for what pages write over the top of a picture.
    pen.rectangle((560, 320, 2000, 530), fill=_RED)
    pen.rectangle((560, 518, 2000, 530), fill=_GOLD)
    _words(pen, (1280, 420), "主题党日 · 走进车间", 116, "#fdf3df")
    nod, arm = 8 * _sway(turn), 40 * _sway(turn, 0.2)
    _person(pen, 1280, 730 + nod, 0.85, coat="#31435f")
    pen.line((1450, 980, 1540, 870 + arm), fill="#31435f", width=56)
    pen.ellipse((1508, 824 + arm, 1574, 890 + arm), fill=_SKIN)
    pen.rounded_rectangle((900, 1010, 1660, 1440), 24, fill="#70452a")
    pen.rectangle((860, 970, 1700, 1030), fill="#835334")
    pen.line((1420, 980, 1388, 900), fill="#1d1a18", width=14)
    pen.ellipse((1356, 850, 1408, 912), fill="#1d1a18")
    for number in range(9):
        x, y = 110 + number * 292, 1290 + 8 * _sway(turn, number * 0.37)
        pen.ellipse((x - 96, y - 110, x + 96, y + 100), fill="#33292a" if number % 2 else "#3d3230")
        pen.rounded_rectangle((x - 140, y + 92, x + 140, 1500), 60, fill=("#4e6480", "#7c4a4a", "#5b6b57")[number % 3])


def _person(pen: ImageDraw.ImageDraw, x: float, y: float, scale: float, *, coat: str) -> None:
    def box(left: float, top: float, right: float, bottom: float) -> tuple[float, float, float, float]:
        return x + left * scale, y + top * scale, x + right * scale, y + bottom * scale

    pen.rounded_rectangle(box(-240, 190, 240, 640), 110 * scale, fill=coat)
    pen.polygon([box(-60, 190, 0, 0)[:2], box(60, 190, 0, 0)[:2], box(0, 330, 0, 0)[:2]], fill="#f7f3ec")
    pen.rectangle(box(-48, 110, 48, 220), fill="#e2b494")
    pen.ellipse(box(-128, -130, 128, 170), fill=_SKIN)
    pen.pieslice(box(-136, -150, 136, 130), 180, 360, fill=_HAIR)
    pen.ellipse(box(-62, 10, -38, 34), fill=_HAIR)
    pen.ellipse(box(38, 10, 62, 34), fill=_HAIR)
    pen.arc(box(-44, 50, 44, 110), 20, 160, fill="#a8604c", width=round(10 * scale))
    pen.ellipse(box(126, 300, 156, 330), fill=_RED)


def _workshop(pen: ImageDraw.ImageDraw, turn: float) -> None:
    """Somebody at a packing line, as a phone held upright sees it."""
    pen.rectangle((0, 0, 1440, 2560), fill="#dfe6e6")
    for x in range(0, 1440, 240):
        pen.rectangle((x + 30, 140, x + 210, 620), fill="#c9dbe2")
    pen.rectangle((0, 700, 1440, 760), fill="#8fa3a8")
    _words(pen, (720, 880), "新材料车间 二号线", 110, "#5a6a6d")
    nod = 14 * _sway(turn)
    _person(pen, 720, 1240 + nod, 1.35, coat="#3c6a8f")
    pen.pieslice((520, 1010 + nod, 920, 1400 + nod), 180, 360, fill="#f1c232")
    pen.rectangle((480, 1190 + nod, 960, 1226 + nod), fill="#d9a916")
    pen.rectangle((0, 2030, 1440, 2120), fill="#5e6d70")
    for number in range(-1, 5):
        x = (number + turn * 2) * 360 % 2160 - 360
        pen.rounded_rectangle((x, 1790, x + 230, 2034), 18, fill="#e8f0ef")
        pen.rectangle((x, 1880, x + 230, 1960), fill="#2e7d4f" if number % 2 else _RED)
    for x in range(60, 1440, 220):
        pen.ellipse((x, 2130, x + 120, 2250), fill="#4a5659")
    pen.rectangle((0, 2270, 1440, 2560), fill="#b7a98f")
