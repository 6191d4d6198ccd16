"""The picture of the demonstration: a clock whose second hand, digits and block code agree with the wall clock.

Paper white, a red bar, a small boat on two lines of waves. Everything that moves comes back to where it was after one
minute, so the loop has no seam. Drawn with Pillow; a font with Chinese characters is used where the machine has one, else
the words are Latin.
"""

import math
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from . import clockcode

WIDTH, HEIGHT = 1280, 720
REVISION = 3  # raise it when a drawing changes, so that cached films are drawn anew

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


def chinese_font() -> Path | None:
    """A font file with Chinese characters on this machine, or None."""
    return next((path for path in map(Path, _FONTS) if path.exists()), None)


class Painter:
    """Draws the frames of a loop of `seconds` seconds at `per_second` frames each. Frame 0 is the full minute."""

    def __init__(self, per_second: int, seconds: int, font: Path | None = None) -> None:
        self._per_second = per_second
        self._length = per_second * seconds
        self._font = font
        self._still = self._draw_still()
        self._far = _wave_strip(500, 15, 26, "#E7C9C3")
        self._near = _wave_strip(600, 24, 44, _RED)
        self._boat = _draw_boat()

    def frame(self, number: int) -> Image.Image:
        """The 1280×720 RGB picture of one frame, counted from 0 to the loop's length."""
        image = self._still.copy()
        seconds = number / self._per_second
        self._draw_hand(image, seconds % 60)
        self._draw_digits(image, seconds % 60)
        self._draw_sea(image, number)
        _draw_code(ImageDraw.Draw(image), number)
        return image

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

    def _draw_hand(self, image: Image.Image, seconds: float) -> None:
        size = 4 * _RADIUS
        mask = Image.new("L", (size, size))
        pen = ImageDraw.Draw(mask)
        middle = size / 2
        pen.line(_ray(middle, seconds, -0.16 * size, 0.41 * size), 255, 10)
        pen.ellipse((middle - 20, middle - 20, middle + 20, middle + 20), fill=255)
        image.paste(_RED, (_DIAL[0] - _RADIUS, _DIAL[1] - _RADIUS), mask.reduce(2))

    def _draw_digits(self, image: Image.Image, seconds: float) -> None:
        # Each figure on its own place: a proportional font would make the row tremble.
        tenths = int(seconds * 10 + 1e-6)
        text = f"{tenths // 10:02d}.{tenths % 10}"
        draw = ImageDraw.Draw(image)
        for character, x in zip(text, (702, 826, 914, 1004), strict=True):
            draw.text((x, 404), character, font=self._type(200), fill=_INK, anchor="ms")

    def _draw_sea(self, image: Image.Image, number: int) -> None:
        # Whole pixels for each frame, and whole strips for each minute of 1500 frames.
        part = number / self._length
        far, near = round(part * 1500) % 500, round(part * 3000) % 600
        image.paste(self._far, (-far, _WAVES_TOP), self._far)
        sway = math.sin(math.tau * part * 10)
        image.paste(self._boat, (880 + round(60 * math.sin(math.tau * part)), 536 + round(5 * sway)), self._boat)
        image.paste(self._near, (-near, _WAVES_TOP + 44), self._near)


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


def _wave_strip(period: int, height: int, depth: int, colour: str) -> Image.Image:
    """A strip of waves, wide enough to be shifted left by up to one period."""
    mask = Image.new("L", (2 * (WIDTH + period), 2 * (HEIGHT - _WAVES_TOP)))
    crest = [(x, 2 * (depth + height * math.sin(math.tau * x / period))) for x in range(mask.width + 1)]
    ImageDraw.Draw(mask).polygon([*crest, (mask.width, mask.height), (0, mask.height)], fill=255)
    strip = Image.new("RGBA", (WIDTH + period, HEIGHT - _WAVES_TOP), colour)
    strip.putalpha(mask.reduce(2))
    return strip


def _draw_boat() -> Image.Image:
    boat = Image.new("RGBA", (480, 240), (0, 0, 0, 0))
    draw = ImageDraw.Draw(boat)
    draw.polygon([(20, 130), (60, 220), (400, 220), (460, 116), (400, 148), (80, 148)], fill=_DEEP)
    draw.rectangle((130, 84, 340, 150), fill=_RED)
    draw.polygon([(110, 90), (235, 48), (362, 90)], fill=_DEEP)
    for x in (158, 218, 278):
        draw.rectangle((x, 102, x + 34, 136), fill=_PAPER)
    return boat.reduce(2)


def _draw_code(draw: ImageDraw.ImageDraw, number: int) -> None:
    left, top, cell = clockcode.LEFT, clockcode.TOP, clockcode.CELL
    draw.rectangle((left - 8, top - 8, left + cell * clockcode.CELLS + 7, top + cell + 7), fill="black")
    for index, white in enumerate(clockcode.cells(number)):
        if white:
            draw.rectangle((left + cell * index, top, left + cell * (index + 1) - 1, top + cell - 1), fill="white")
