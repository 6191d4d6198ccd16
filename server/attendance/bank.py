"""The questions of short quizzes, from a file: by `HONGBO_QUIZ_BANK` those an editor of the Party office has read, in a demo
the sample this package brings. Without a file there is no quiz to choose.

The file is JSON: `{"questions": [{"id", "stem", "options": {"A": …}, "answer": "A", "review_status": "approved"}]}`. What is
not approved is not asked.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

FEWEST = 6
"""Approved questions in a bank: after a failed quiz the next one has others."""

_Text = Annotated[str, Field(min_length=1, max_length=500)]


class Question(BaseModel):
    """`answer` is a key of `options`, and goes to no page."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Annotated[str, Field(min_length=1, max_length=36)]
    stem: _Text
    options: Annotated[Mapping[str, _Text], Field(min_length=2, max_length=6)]
    answer: str
    review_status: str = ""


class _File(BaseModel):
    questions: list[Question]


class Bank:
    def __init__(self, questions: Sequence[Question] = ()) -> None:
        self._questions = list(questions)

    @property
    def offers(self) -> bool:
        return len(self._questions) >= FEWEST

    def draw(self, number: int, without: Collection[str], chance: Callable[[], float]) -> list[Question]:
        """At random; those that are to be left out only where there are too few others."""
        fresh = [each for each in self._questions if each.id not in without]
        some = fresh if len(fresh) >= number else list(self._questions)
        return [some.pop(int(chance() * len(some))) for _ in range(min(number, len(some)))]


def read_bank(path: Path, *, approved_only: bool = True) -> Bank:
    """Raise ValueError in one line."""
    try:
        return _bank(path.read_bytes(), approved_only=approved_only)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}") from error


def sample_bank() -> Bank:
    return _bank(files(__package__).joinpath("quiz.json").read_bytes(), approved_only=False)


def _bank(content: bytes, *, approved_only: bool) -> Bank:
    try:
        found = _File.model_validate_json(content).questions
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"no question bank: {where}: {first['msg']}") from error
    if wrong := next((each for each in found if each.answer not in each.options), None):
        raise ValueError(f"question {wrong.id}: its answer is none of its options")
    if len({each.id for each in found}) < len(found):
        raise ValueError("two questions have the same id")
    good = [each for each in found if each.review_status == "approved" or not approved_only]
    if len(good) < FEWEST:
        raise ValueError(f"{len(good)} approved questions; a bank needs {FEWEST} at least")
    return Bank(good)
