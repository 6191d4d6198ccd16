"""What people write, as it is kept: plain text, on one line, of a bounded length. Pure rules.

Unicode: NFC (UAX #15); bidirectional overrides and isolates (UAX #9) turn the words of others around, and zero-width fillers
hide words from whoever moderates, so both go. The joiners stay: emoji and several scripts are written with them.
"""

import unicodedata

from .errors import Invalid

_REMOVED = {*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200B, 0x2060, 0xFEFF, 0x00AD, 0x180E}


def tidied(text: str) -> str:
    """Composed, on one line, without control and invisible characters."""
    kept = unicodedata.normalize("NFC", text)
    if not kept.isprintable():  # all that is removed counts as unprintable, and most texts have nothing of it
        kept = "".join(" " if character.isspace() else character for character in kept if _visible(character))
    return " ".join(kept.split())


def tidied_lines(text: str) -> str:
    """The same for what may have several lines: each is tidied, and none stands empty at either end."""
    return "\n".join(tidied(line) for line in text.splitlines()).strip("\n")


def written(text: str, *, most: int) -> str:
    """The text as it is kept, see `tidied`. Raise Invalid `text_empty`, `text_too_long`."""
    kept = tidied(text)
    if not kept:
        raise Invalid("text_empty", "请输入内容")
    if len(kept) > most:
        raise Invalid("text_too_long", f"最多 {most} 个字")
    return kept


def _visible(character: str) -> bool:
    return character.isspace() or (ord(character) not in _REMOVED and unicodedata.category(character) not in ("Cc", "Cs"))
