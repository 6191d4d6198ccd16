"""All word lists as one search: what is found in a text, where, and what should be done about it. Pure, and quick.

A listed word is found however it is written (see `folding`), with these bounds against holding back what is innocent:

- a word that begins or ends with Latin letters and has fewer than four characters must stand alone: `ass` is not in `class`;
- a digit of a word is only itself, while a letter may be written with a digit;
- a character that stands twice in the word must stand at least twice in the text;
- where a sentence ends inside of what was found (前台，湾区), it may be two things that meet. Nobody is refused for that: it is
  held, and a person looks at it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ahocorasick_rs import AhoCorasick

from .folding import Run, is_latin, runs, searched, stands_for
from .model import Action, Hit, WordList

_STANDS_ALONE = 4  # characters from which on a Latin word is also found inside of longer ones


@dataclass(frozen=True, slots=True)
class _Entry:
    list: WordList
    word: str
    runs: tuple[Run, ...]


class Lexicon:
    """Immutable; a change of a list makes another one. `entries`: each list with its words."""

    def __init__(self, entries: Iterable[tuple[WordList, Sequence[str]]] = ()) -> None:
        self._entries: list[list[_Entry]] = []
        numbers: dict[str, int] = {}
        for words, listed in entries:
            for word in listed:
                pattern = searched(word)
                if not pattern:
                    continue
                if pattern not in numbers:
                    numbers[pattern] = len(self._entries)
                    self._entries.append([])
                self._entries[numbers[pattern]].append(_Entry(words, word, tuple(runs(word))))
        self._search = AhoCorasick(numbers) if numbers else None
        self.size = sum(map(len, self._entries))

    def hits(self, text: str) -> list[Hit]:
        """In the order of where they begin; the gravest first where two begin together."""
        if self._search is None:
            return []
        matches = self._search.find_matches_as_indexes(searched(text), overlapping=True)
        if not matches:
            return []
        written = runs(text)
        found: dict[tuple[str, int, int], Hit] = {}
        for number, first, after in matches:
            for entry in self._entries[number]:
                hit = _confirmed(entry, written, first, after)
                if hit is not None:
                    found.setdefault((entry.list.id, hit.start, hit.end), hit)
        return sorted(found.values(), key=lambda hit: (hit.start, -hit.end, hit.action.weight))


def _confirmed(entry: _Entry, written: Sequence[Run], first: int, after: int) -> Hit | None:
    there = written[first:after]
    for run, meant in zip(there, entry.runs, strict=True):
        if run.count < meant.count or not stands_for(run.plain, meant.plain):
            return None
    if sum(meant.count for meant in entry.runs) < _STANDS_ALONE and not _stands_alone(entry, written, first, after):
        return None
    parted = any(run.parted for run in there[1:]) or any(run.split for run in there)
    action = Action.HOLD if parted and entry.list.action is Action.REFUSE else entry.list.action
    return Hit(entry.list.id, entry.list.name, entry.word, action, there[0].start, there[-1].end)


def _stands_alone(entry: _Entry, written: Sequence[Run], first: int, after: int) -> bool:
    """Whether no Latin letter touches the Latin letters at either end. Where one letter is needed and a run has a gap inside,
    one side of the gap will do, and nothing touches it there."""
    begin, end = entry.runs[0], entry.runs[-1]
    head, tail = written[first], written[after - 1]
    if len(entry.runs) == 1 and is_latin(begin.plain) and head.count > begin.count and not head.gapped:
        return False
    if first and is_latin(begin.plain) and not (head.gapped and begin.count == 1):
        before = written[first - 1]
        if before.end >= head.start and is_latin(before.plain):
            return False
    if after < len(written) and is_latin(end.plain) and not (tail.gapped and end.count == 1):
        behind = written[after]
        if behind.start <= tail.end and is_latin(behind.plain):
            return False
    return True
