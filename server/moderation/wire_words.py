"""Word lists over HTTP."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ..core.clock import rfc3339
from ..core.wire import In
from .model import Action
from .wire import HitOut
from .word_lists import MOST_NAME, Imported, Listed

Name = Annotated[str, Field(min_length=1, max_length=MOST_NAME)]
Word = Annotated[str, Field(max_length=200)]


class WordListIn(In):
    """`action`: `refuse` sends a text back, `hold` keeps it for review, `mark` shows it and tells moderators."""

    name: Name
    action: Action


class WordListPatch(In):
    name: Name | None = None
    action: Action | None = None


class WordListOut(BaseModel):
    id: str
    name: str
    action: Action
    words: int
    changed_at: str

    @classmethod
    def of(cls, listed: Listed) -> "WordListOut":
        return cls(
            id=listed.list.id,
            name=listed.list.name,
            action=listed.list.action,
            words=listed.words,
            changed_at=rfc3339(listed.changed_at),
        )


class WordListsOut(BaseModel):
    items: list[WordListOut]


class WordsQuery(In):
    """`q`: those that hold it. The cursor is a number of words."""

    q: Annotated[str, Field(max_length=40)] = ""
    after: Annotated[int, Field(ge=0, le=10**6)] = 0
    limit: Annotated[int, Field(ge=1, le=1000)] = 200


class WordsOut(BaseModel):
    items: list[str]
    next: str | None
    total: int


class WordsPatch(In):
    add: Annotated[list[Word], Field(max_length=1000, default_factory=list)]
    remove: Annotated[list[Word], Field(max_length=1000, default_factory=list)]


class CountOut(BaseModel):
    words: int


class ImportQuery(In):
    """`replace`: words that are not in the file go."""

    replace: bool = False
    dry_run: bool = False


class ExportQuery(In):
    format: Literal["txt", "csv"] = "txt"


class FaultOut(BaseModel):
    line: int
    word: str
    message: str


class ImportOut(BaseModel):
    """`done` is false for a dry run and where there are faults: then nothing was changed."""

    added: int
    removed: int
    known: int
    repeated: int
    faults: list[FaultOut]
    done: bool

    @classmethod
    def of(cls, result: Imported) -> "ImportOut":
        return cls(
            added=result.added,
            removed=result.removed,
            known=result.known,
            repeated=result.repeated,
            faults=[FaultOut(line=each.line, word=each.word, message=each.message) for each in result.faults],
            done=result.done,
        )


class TestIn(In):
    text: Annotated[str, Field(max_length=2000)]


class TestOut(BaseModel):
    """`text` as it would be kept, which is what the positions of the hits count in; `outcome` for somebody who does not keep
    the room, where nothing is held beforehand."""

    text: str
    outcome: Literal["pass", "hold", "refuse"]
    hits: list[HitOut]
