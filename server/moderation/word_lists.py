"""Word lists: use cases of those who moderate everywhere."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from ..core.audit import Act, Audit
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import Conflict, NotFound, Unprocessable
from ..core.ids import is_id, new_id
from ..core.texts import tidied, written
from ..identity import Member
from . import store_words as store
from .actors import actor
from .limits import MOST_LISTS, ModerationSettings
from .memory import Memory
from .model import Action, WordList
from .store_words import WORDS
from .word_files import Fault, fault_of, read

log = structlog.get_logger(__name__)
MOST_NAME = 40
_SHOWN = 200  # faults of one import


@dataclass(frozen=True, slots=True)
class Listed:
    list: WordList
    words: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did, or (dry) would do. With faults nothing is changed."""

    added: int
    removed: int
    known: int
    repeated: int
    faults: tuple[Fault, ...]
    done: bool


class WordLists:
    def __init__(self, database: Database, audit: Audit, clock: Clock, memory: Memory, settings: ModerationSettings) -> None:
        self._database, self._audit, self._clock = database, audit, clock
        self._memory, self._settings = memory, settings

    async def lists(self) -> list[Listed]:
        async with self._database.reading() as session:
            return [Listed(*each) for each in await store.lists(session)]

    async def words(self, list_id: str) -> tuple[WordList, list[str]]:
        """Raise NotFound."""
        async with self._database.reading() as session:
            found = await self._require(session, list_id)
            return found, await store.words_of(session, list_id)

    async def create(self, member: Member, name: str, action: Action) -> Listed:
        """Raise Conflict `name_taken`, `too_many_lists`."""
        made = WordList(new_id(), written(name, most=MOST_NAME), action)
        async with self._database.transaction() as session:
            if len(await store.lists(session)) >= MOST_LISTS:
                raise Conflict("too_many_lists", f"最多 {MOST_LISTS} 个词表")
            now = await self._put(session, made, member, "word_list.created", {"name": made.name, "action": action.value})
        await self._memory.refresh()
        return Listed(made, 0, now)

    async def edit(self, member: Member, list_id: str, *, name: str | None, action: Action | None) -> WordList:
        """Raise NotFound, Conflict `name_taken`."""
        async with self._database.transaction() as session:
            before = await self._require(session, list_id, lock=True)
            after = replace(
                before,
                name=before.name if name is None else written(name, most=MOST_NAME),
                action=before.action if action is None else action,
            )
            if after == before:
                return before
            told = {"before": [before.name, before.action.value], "after": [after.name, after.action.value]}
            await self._put(session, after, member, "word_list.edited", told)
        await self._memory.refresh()
        return after

    async def drop(self, member: Member, list_id: str) -> None:
        """Raise NotFound."""
        async with self._database.transaction() as session:
            before = await self._require(session, list_id, lock=True)
            words = await store.words_of(session, list_id)
            await store.drop(session, list_id)
            await store.raise_version(session, WORDS)
            self._note(session, "word_list.dropped", before, member, {"name": before.name, "words": len(words)})
        await self._memory.refresh()

    async def change(self, member: Member, list_id: str, *, add: Sequence[str], remove: Sequence[str]) -> int:
        """Add and remove single words; gives how many there are then. Raise NotFound, Unprocessable `word_invalid` with the
        words at fault, Conflict `too_many_words`."""
        wanted = list(dict.fromkeys(tidied(each) for each in add))
        faults = [{"word": each, "message": fault} for each in wanted if (fault := fault_of(each)) is not None]
        if faults:
            raise Unprocessable("word_invalid", f"“{faults[0]['word']}”：{faults[0]['message']}", extra={"words": faults})
        async with self._database.transaction() as session:
            found = await self._require(session, list_id, lock=True)
            _, _, total = await self._rewrite(session, found, member, wanted, [tidied(each) for each in remove])
        await self._memory.refresh()
        return total

    async def import_file(self, member: Member, list_id: str, content: bytes, *, replacing: bool, dry_run: bool) -> Imported:
        """All or nothing. `replacing`: words that are not in the file go. Raise NotFound, Invalid `encoding_unknown`, Conflict
        `too_many_words`."""
        file = read(content)
        async with self._database.transaction() as session:
            found = await self._require(session, list_id, lock=True)
            known = set(await store.words_of(session, list_id))
            fresh = [word for word in file.words if word not in known]
            gone = sorted(known - set(file.words)) if replacing else []
            done = not file.faults and not dry_run
            if done:
                await self._rewrite(session, found, member, fresh, gone)
        if done:
            await self._memory.refresh()
        return Imported(len(fresh), len(gone), len(file.words) - len(fresh), file.repeated, file.faults[:_SHOWN], done)

    # Inside

    async def _rewrite(
        self, session: Session, words: WordList, member: Member, add: Sequence[str], remove: Sequence[str]
    ) -> tuple[int, int, int]:
        known = set(await store.words_of(session, words.id))
        gone = [word for word in dict.fromkeys(remove) if word in known]
        fresh = [word for word in add if word not in known]
        total = len(known) - len(gone) + len(fresh)
        if fresh and await store.count(session, but=words.id) + total > self._settings.most_words:
            raise Conflict("too_many_words", f"所有词表合计最多 {self._settings.most_words} 个词")
        if fresh or gone:
            await store.drop_words(session, words.id, gone)
            await store.add_words(session, words.id, fresh)
            # Which words is for the list itself to say; an audit that repeats thousands of them is read by nobody.
            told = {"added": len(fresh), "removed": len(gone), "some": [*fresh[:10], *[f"-{word}" for word in gone[:10]]]}
            await self._put(session, words, member, "word_list.changed", told)
        return len(fresh), len(gone), total

    async def _put(self, session: Session, words: WordList, member: Member, act: str, told: Mapping[str, object]) -> datetime:
        taken = await store.named(session, words.name)
        if taken not in (None, words.id):
            raise Conflict("name_taken", "已经有同名的词表")
        now = self._clock.now()
        await store.put(session, words, now, member.id)
        await store.raise_version(session, WORDS)
        self._note(session, act, words, member, told)
        return now

    def _note(self, session: Session, act: str, words: WordList, member: Member, told: Mapping[str, object]) -> None:
        self._audit.note(session, Act(act, "word_list", words.id, more=told), actor(member))
        log.info("word_list_changed", act=act, list_id=words.id, by=member.id)

    async def _require(self, session: Session, list_id: str, *, lock: bool = False) -> WordList:
        found = await store.find(session, list_id, lock=lock) if is_id(list_id) else None
        if found is None:
            raise NotFound("word_list_not_found", "没有这个词表")
        return found
