"""The picture of the demonstration: a clock whose second hand, digits and block code agree with the wall clock.

Paper white, a red bar, a small boat on two lines of waves. Everything that moves comes back to where it was after one
minute, so the loop has no seam. Drawn with Pillow, in the planes that are encoded; a font with Chinese characters is used where
the machine has one, else the words are Latin.
"""

import math
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from . import clockcode

WIDTH, HEIGHT = 1280, 720
REVISION = 4  # raise it when a drawing changes, so that cached films are drawn anew

Planes = tuple[Image.Image, Image.Image, Image.Image]
"""Brightness, and at half the width and height blue and red difference."""

_RED, _DEEP, _PAPER, _INK, _GREY, _LINE = "#B8181D", "#8E1216", "#FBF8F3", "#221C18", "#6B635C", "#E9E2D9"
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/droid/DroidSansFallbackFull.ttf",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/STHeiti Medium.ttc",
)
_DIAL, _RADIUS = (330, 344), 196
_WAVES_TOP = 588
_BLACK, _WHITE, _NO_COLOUR = 16, 235, 128  # of video


def chinese_font() -> Path | None:
    """A font file with Chinese characters on this machine, or None."""
    return next((path for path in map(Path, _FONTS) if path.exists()), None)


class Painter:
    """Draws the frames of a loop of `seconds` seconds at `per_second` frames each. Frame 0 is the full minute.

    What stands still is drawn once. What moves is flat colour behind a mask, put straight into the planes that are encoded:
    turning a whole picture from RGB into them would cost three times as much as encoding it.
    """

    def __init__(self, per_second: int, seconds: int, font: Path | None = None) -> None:
        self._per_second = per_second
        self._length = per_second * seconds
        self._font = font
        self._still = planes_of(self._draw_still())
        self._figures = {character: self._draw_figure(character) for character in "0123456789."}
        self._far = Sprite("#E7C9C3", _wave_mask(500, 15, 26))
        self._near = Sprite(_RED, _wave_mask(600, 24, 44))
        self._boat = Sprite(*_draw_boat())

    def frame(self, number: int) -> Planes:
        """The 1280×720 picture of one frame, counted from 0 to the loop's length."""
        luma, blue, red = self._still
        planes = luma.copy(), blue.copy(), red.copy()
        seconds = number / self._per_second
        Sprite(_RED, self._draw_hand(seconds % 60)).put(planes, _DIAL[0] - _RADIUS, _DIAL[1] - _RADIUS)
        self._put_figures(planes, seconds % 60)
        self._put_sea(planes, number)
        _put_code(planes, number)
        return planes

    def _type(self, size: int) -> ImageFont.FreeTypeFont:
        return _load_font(self._font, size)

    def _draw_still(self) -> Image.Image:
        image = Image.new("RGB", (WIDTH, HEIGHT), _PAPER)
        draw = ImageDraw.Draw(image)
        draw.rectangle((0, 0, WIDTH, 95), fill=_RED)
        draw.rectangle((0, 96, WIDTH, 99), fill=_DEEP)
        words = _WORDS_CHINESE if self._font else _WORDS_LATIN
        draw.text((48, 48), words[0], font=self._type(44), fill="white", anchor="lm")
        draw.text((640, 214), words[1], font=self._type(34), fill=_GREY, anchor="lm")
        draw.text((642, 478), words[2], font=self._type(30), fill=_GREY, anchor="lm")
        draw.text((1078, 404), words[3], font=self._type(52), fill=_GREY, anchor="ls")
        # Drawn at twice the size and reduced, for smooth edges.
        dial = Image.new("RGB", (900, 900), _PAPER)
        pen = ImageDraw.Draw(dial)
        radius = 2 * _RADIUS
        pen.ellipse((450 - radius, 450 - radius, 450 + radius, 450 + radius), fill="white", outline=_LINE, width=8)
        for tick in range(60):
            whole = tick % 5 == 0
            pen.line(_ray(450, tick, radius * (0.86 if whole else 0.92), radius * 0.96), _INK, 10 if whole else 4)
        image.paste(dial.reduce(2), (_DIAL[0] - 225, _DIAL[1] - 225))
        return image

    def _draw_hand(self, seconds: float) -> Image.Image:
        size = 4 * _RADIUS
        mask = Image.new("L", (size, size))
        pen = ImageDraw.Draw(mask)
        middle = size / 2
        pen.line(_ray(middle, seconds, -0.16 * size, 0.41 * size), 255, 10)
        pen.ellipse((middle - 20, middle - 20, middle + 20, middle + 20), fill=255)
        return mask.reduce(2)

    def _draw_figure(self, character: str) -> "Sprite":
        mask = Image.new("L", _FIGURE)
        ImageDraw.Draw(mask).text((_FIGURE[0] // 2, 180), character, font=self._type(200), fill=255, anchor="ms")
        return Sprite(_INK, mask)

    def _put_figures(self, planes: Planes, seconds: float) -> None:
        # Each figure on its own place: a proportional font would make the row tremble.
        tenths = int(seconds * 10 + 1e-6)
        text = f"{tenths // 10:02d}.{tenths % 10}"
        for character, middle in zip(text, (702, 826, 914, 1004), strict=True):
            self._figures[character].put(planes, middle - _FIGURE[0] // 2, 404 - 180)

    def _put_sea(self, planes: Planes, number: int) -> None:
        # Whole pixels for each frame, and whole strips for each minute of 1500 frames.
        part = number / self._length
        far, near = round(part * 1500) % 500, round(part * 3000) % 600
        self._far.put(planes, -far, _WAVES_TOP)
        sway = math.sin(math.tau * part * 10)
        self._boat.put(planes, 880 + round(60 * math.sin(math.tau * part)), 536 + round(5 * sway))
        self._near.put(planes, -near, _WAVES_TOP + 44)


class Sprite:
    """A colour, or a picture, behind a mask; it can be put anywhere, also partly outside."""

    def __init__(self, colour: str | Image.Image, mask: Image.Image) -> None:
        self._masks = mask, mask.reduce(2)
        if isinstance(colour, Image.Image):
            self._planes: Sequence[Image.Image | int] = planes_of(colour)
        else:
            self._planes = flat(colour)

    def put(self, planes: Planes, x: int, y: int) -> None:
        """Colour has half the resolution: at an odd place it lies half a pixel beside its brightness, which nobody sees."""
        for index, (plane, content) in enumerate(zip(planes, self._planes, strict=True)):
            half = min(index, 1)
            plane.paste(content, (x >> half, y >> half), self._masks[half])


@lru_cache
def flat(colour: str) -> tuple[int, int, int]:
    """One colour as the values of the three planes."""
    luma, blue, red = (int(plane.getpixel((0, 0))) for plane in planes_of(Image.new("RGB", (2, 2), colour)))  # type: ignore[arg-type]  # of an "L" image a pixel is a number
    return luma, blue, red


def planes_of(image: Image.Image) -> Planes:
    """An RGB picture as 4:2:0 planes of ITU-R BT.709 (section 3) in the narrow range that video has."""
    luma, blue, red = (image.convert("L", weights) for weights in _BT709)
    return luma, blue.reduce(2), red.reduce(2)


def _narrow(red: float, green: float, blue: float, offset: int, swing: int) -> tuple[float, float, float, float]:
    return red * swing / 255, green * swing / 255, blue * swing / 255, offset + 0.5


_BT709 = (
    _narrow(0.2126, 0.7152, 0.0722, 16, 219),
    _narrow(-0.2126 / 1.8556, -0.7152 / 1.8556, 0.5, 128, 224),
    _narrow(0.5, -0.7152 / 1.5748, -0.0722 / 1.5748, 128, 224),
)
_FIGURE = (144, 216)
_WORDS_CHINESE = ("红播 演示直播", "红船时钟", "与服务器时钟同步 · 每分钟一轮", "秒")
_WORDS_LATIN = ("Hongbo demo broadcast", "The red boat clock", "in step with the server's clock", "s")


@lru_cache
def _load_font(path: Path | None, size: int) -> ImageFont.FreeTypeFont:
    if path is not None:
        # Index 2 of Noto's collections is the simplified Chinese face; others have only one.
        for index in (2, 0):
            try:
                return ImageFont.truetype(path, size, index=index)
            except OSError:
                continue
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType")
    return font


def _ray(middle: float, tick: float, inner: float, outer: float) -> tuple[float, float, float, float]:
    """A line from the middle of a dial towards a minute mark."""
    x, y = math.sin(math.tau * tick / 60), -math.cos(math.tau * tick / 60)
    return (middle + inner * x, middle + inner * y, middle + outer * x, middle + outer * y)


def _wave_mask(period: int, height: int, depth: int) -> Image.Image:
    """A strip of waves, wide enough to be shifted left by up to one period."""
    mask = Image.new("L", (2 * (WIDTH + period), 2 * (HEIGHT - _WAVES_TOP)))
    crest = [(x, 2 * (depth + height * math.sin(math.tau * x / period))) for x in range(mask.width + 1)]
    ImageDraw.Draw(mask).polygon([*crest, (mask.width, mask.height), (0, mask.height)], fill=255)
    return mask.reduce(2)


def _draw_boat() -> tuple[Image.Image, Image.Image]:
    """The boat and its mask."""
    boat = Image.new("RGBA", (480, 240), (0, 0, 0, 0))
    draw = ImageDraw.Draw(boat)
    draw.polygon([(20, 130), (60, 220), (400, 220), (460, 116), (400, 148), (80, 148)], fill=_DEEP)
    draw.rectangle((130, 84, 340, 150), fill=_RED)
    draw.polygon([(110, 90), (235, 48), (362, 90)], fill=_DEEP)
    for x in (158, 218, 278):
        draw.rectangle((x, 102, x + 34, 136), fill=_PAPER)
    small = boat.reduce(2)
    return small.convert("RGB"), small.getchannel("A")


def _put_code(planes: Planes, number: int) -> None:
    left, top, cell = clockcode.LEFT, clockcode.TOP, clockcode.CELL
    right, bottom = left + cell * clockcode.CELLS + 8, top + cell + 8
    planes[0].paste(_BLACK, (left - 8, top - 8, right, bottom))
    for plane in planes[1:]:
        plane.paste(_NO_COLOUR, (left // 2 - 4, top // 2 - 4, right // 2, bottom // 2))
    for index, white in enumerate(clockcode.cells(number)):
        if white:
            planes[0].paste(_WHITE, (left + cell * index, top, left + cell * (index + 1), top + cell))
