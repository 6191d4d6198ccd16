"""Tasks: written, given, changed, ended. Who confirms, and the list of those in charge, are beside it.

Whoever changes or moves a task holds its row; whoever confirms only keeps others from changing it meanwhile. So what is
confirmed is always one version, whole, and each change of a given task is a version of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import structlog

from ..core.audit import Act, Actor, Audit
from ..core.cabinet import Cabinet
from ..core.clock import Clock
from ..core.db import Database, Session
from ..core.errors import Conflict, Invalid, NotFound
from ..core.ids import is_id, new_id
from ..core.journal import Journal
from ..core.texts import tidied, written
from ..identity import OF_BRANCH, Identity, Member, Person, manages
from ..points import Ledger
from . import live, model, store
from .confirming import Confirming
from .credits import Credits
from .keeping import Keeping
from .model import FILE_NAME_MOST, POOL_MOST, REASON_MOST, Content, Part, Task, TaskFile, TaskState, Terms, Version
from .register import Register, Seen
from .store import Counts, Lock

log = structlog.get_logger(__name__)

_NOBODY = Counts(0, 0)
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody writes of a task. `files`: ids of what was handed in for it, in order."""

    title: str
    text: str
    files: tuple[str, ...]
    terms: Terms


@dataclass(frozen=True, slots=True)
class Shown:
    """A task as its reader sees it. `opened`: the files they were given to read; `pool`: for those who run it, all files."""

    seen: Seen
    reads: bool
    counts: Counts
    opened: set[str]
    burdened: bool
    pool: list[TaskFile]
    by: Person | None


@dataclass(frozen=True, slots=True)
class Kept:
    """A task on the list of those in charge."""

    task: Task
    title: str
    counts: Counts
    runs: bool


class TaskService:
    def __init__(
        self,
        database: Database,
        journal: Journal,
        identity: Identity,
        ledger: Ledger,
        audit: Audit,
        cabinet: Cabinet,
        clock: Clock,
    ) -> None:
        self._database, self._journal, self._identity = database, journal, identity
        self._audit, self._cabinet, self._clock = audit, cabinet, clock
        self._register, credits_ = Register(database), Credits(ledger)
        self.confirming = Confirming(self._register, database, journal, credits_, clock)
        self.keeping = Keeping(self._register, database, journal, identity, credits_, audit, clock)

    def now(self) -> datetime:
        return self._clock.now()

    async def branch_names(self) -> dict[str, str]:
        return {branch.id: branch.name for branch in await self._identity.directory.branches()}

    # Reading

    async def show(self, member: Member, task_id: str) -> Shown:
        """Raise NotFound `task_not_found`."""
        seen = await self._register.find(member, task_id)
        task = seen.task
        async with self._database.reading() as session:
            answers = seen.charge.answers
            counts = (await store.counts(session, [task_id], answers)).get(task_id, _NOBODY) if seen.charge.any else _NOBODY
            opened = await store.opened(session, task_id, member.id)
            burdened = await store.complains(session, task_id, member.id)
            pool = await store.files(session, task_id) if seen.charge.runs else []
        by = seen.part.by if seen.part is not None else None
        people = await self._identity.people({by} if by else set())
        reads = model.reads(member, task, seen.part)
        return Shown(seen, reads, counts, opened, burdened, pool, people.get(by or ""))

    async def version(self, member: Member, task_id: str, number: int) -> Version:
        """An earlier text: for those in charge, and for whoever confirmed that one. Raise NotFound."""
        seen = await self._register.find(member, task_id)
        confirmed = seen.part is not None and seen.part.version == number
        async with self._database.reading() as session:
            found = await store.version(session, task_id, number) if seen.charge.any or confirmed else None
        if found is None:
            raise model.not_there()
        return found

    async def file(self, member: Member, task_id: str, file_id: str) -> tuple[TaskFile, Path]:
        """One that the member may read; for whoever is asked it is noted that they were given it. Raise NotFound."""
        seen = await self._register.find(member, task_id)
        async with self._database.reading() as session:
            pool = {each.id: each for each in await store.files(session, task_id)}
            opened = await store.opened(session, task_id, member.id)
            old = await store.version(session, task_id, seen.part.version) if seen.part and seen.part.version else None
        readable = set(pool) if seen.charge.any else {each.id for each in (old.content.files if old else ())}
        if model.reads(member, seen.task, seen.part):
            readable |= {each.id for each in seen.version.content.files}
        if file_id not in pool or file_id not in readable:
            raise NotFound("attachment_not_found", "没有这个附件")
        if seen.part is not None and file_id not in opened:
            async with self._database.transaction() as session:
                await store.note_opened(session, task_id, member.id, file_id, self._clock.now())
        return pool[file_id], self._cabinet.path(file_id, pool[file_id].kind)

    async def kept(self, member: Member, *, before: str | None, limit: int) -> tuple[list[Kept], str | None]:
        """What the member is in charge of, the newest first, with the cursor of what follows."""
        everything = manages(member, None)
        own = member.branch_id if member.has(*OF_BRANCH) else None
        if not everything and own is None:
            return [], None
        async with self._database.reading() as session:
            found = await store.kept(session, everything=everything, own=own, before=before, limit=limit + 1)
            ids = [task.id for task, _ in found[:limit]]
            counts = await store.counts(session, ids, None if everything or own is None else {own})
        kept = [
            Kept(task, title, counts.get(task.id, _NOBODY), manages(member, task.branch_id)) for task, title in found[:limit]
        ]
        return kept, kept[-1].task.id if len(found) > limit else None

    # Writing

    async def create(self, member: Member, branch_id: str | None, wanted: Wanted) -> Shown:
        """A draft, of a branch or (None) of the committee. Raise Forbidden `organiser_needed`, Invalid."""
        now = self._clock.now()
        terms = model.checked(wanted.terms, now, new=True)
        model.check_addressed(member, branch_id, terms)
        await self._check_branches(terms)
        task = Task(new_id(), branch_id, terms, TaskState.DRAFT, 1, member.id, now)
        content = _content(wanted, [])
        async with self._database.transaction() as session:
            await store.add(session, task)
            await store.write(session, task.id, Version(1, content, content.hash, member.id, now))
        log.info("task_created", task_id=task.id, by=member.id)
        return await self.show(member, task.id)

    async def change(self, member: Member, task_id: str, wanted: Wanted) -> Shown:
        """A draft is rewritten; what was given gets another version if its words or files differ, and may be given to more.

        Raise NotFound, Forbidden `organiser_needed`, Conflict `task_over`, Invalid `terms_settled` and as `create` does."""
        seen = await self._register.run_by(member, task_id)
        await self._check_branches(wanted.terms)
        people = await self._people(wanted.terms) if seen.task.state is TaskState.GIVEN else []
        async with self._register.held(member, task_id, Lock.UPDATE) as (session, seen):
            before, now = seen.task, self._clock.now()
            model.check_runs(member, before)
            model.check_changes(before)
            terms = model.checked(wanted.terms, now, new=wanted.terms.due_at != before.terms.due_at)
            model.check_addressed(member, before.branch_id, terms)
            content = _content(wanted, await store.files(session, task_id))
            after = replace(before, terms=terms)
            if before.state is TaskState.GIVEN:
                _check_settled(before.terms, terms)
                model.check_content(content)
                if content.hash != seen.version.hash:
                    after = replace(after, version=before.version + 1)
                self._note(session, member, after, "task.changed")
            await store.save(session, after)
            if after.version != before.version or before.state is TaskState.DRAFT:
                await store.write(session, task_id, Version(after.version, content, content.hash, member.id, now))
            if before.state is TaskState.GIVEN:
                await self._ask(session, after, content.title, people)
        log.info("task_changed", task_id=task_id, version=after.version, by=member.id)
        return await self.show(member, task_id)

    async def drop(self, member: Member, task_id: str) -> None:
        """A draft that is given to nobody. Raise NotFound, Forbidden, Conflict `task_given`."""
        async with self._register.held(member, task_id, Lock.UPDATE) as (session, seen):
            model.check_runs(member, seen.task)
            model.check_draft(seen.task)
            files = await store.files(session, task_id)
            await store.drop(session, task_id)
        for each in files:
            await self._cabinet.drop(each.id, each.kind)

    async def give(self, member: Member, task_id: str) -> Shown:
        """To all who are on the roll of these branches now; the second time nothing happens. Raise NotFound, Forbidden
        `organiser_needed`, Conflict `task_state`, Invalid `content_needed`, `due_invalid`."""
        people = await self._people((await self._register.run_by(member, task_id)).task.terms)
        async with self._register.held(member, task_id, Lock.UPDATE) as (session, seen):
            model.check_runs(member, seen.task)
            after = model.moved(seen.task, TaskState.GIVEN, self._clock.now())
            if after is not seen.task:
                model.check_content(seen.version.content)
                model.checked(after.terms, self._clock.now(), new=True)
                await store.save(session, after)
                self._note(session, member, after, "task.given")
                await self._ask(session, after, seen.version.content.title, people)
        log.info("task_given", task_id=task_id, by=member.id)
        return await self.show(member, task_id)

    async def end(self, member: Member, task_id: str, to: TaskState, reason: str = "") -> Shown:
        """Close or (with a reason) withdraw. What was confirmed stays, with what it earned. Raise NotFound, Forbidden
        `organiser_needed`, Conflict `task_state`, Invalid `text_empty`."""
        await self._register.run_by(member, task_id)
        words = written(reason, most=REASON_MOST) if to is TaskState.WITHDRAWN else ""
        async with self._register.held(member, task_id, Lock.UPDATE) as (session, seen):
            model.check_runs(member, seen.task)
            after = model.moved(seen.task, to, self._clock.now(), words)
            if after is not seen.task:
                await store.save(session, after)
                self._note(session, member, after, f"task.{to.value}", words)
                if seen.task.state is TaskState.GIVEN:
                    title = seen.version.content.title
                    waiting = [each for each in await store.parts(session, task_id) if each.confirmed_at is None]
                    await self._journal.append(session, *(live.ended(after, title, each.member_id) for each in waiting))
        log.info("task_ended", task_id=task_id, to=to.value, by=member.id)
        return await self.show(member, task_id)

    # Files

    async def require_runs(self, member: Member, task_id: str) -> None:
        """Before anything is read of what they send. Raise NotFound, Forbidden, Conflict `task_over`."""
        model.check_changes((await self._register.run_by(member, task_id)).task)

    async def hand_in(self, member: Member, task_id: str, name: str, data: bytes) -> TaskFile:
        """Nobody is shown it before a version names it; the same content again is the file there is. Raise as `Cabinet.keep`
        does, NotFound, Forbidden, Conflict `task_over`, `attachments_full`."""
        await self.require_runs(member, task_id)
        made = new_id()
        kept = await self._cabinet.keep(made, data)
        words = tidied(name.replace("\\", "/").rsplit("/", 1)[-1])[:FILE_NAME_MOST] or "附件"
        file, stays = TaskFile(made, words, kept.kind, kept.size, kept.sha256), False
        try:
            async with self._register.held(member, task_id, Lock.UPDATE) as (session, seen):
                model.check_runs(member, seen.task)
                model.check_changes(seen.task)
                there = await store.files(session, task_id)
                for each in there:
                    if (each.sha256, each.name) == (file.sha256, file.name):
                        return each
                if len(there) >= POOL_MOST:
                    raise Conflict("attachments_full", "这项任务上传过的附件太多了")
                await store.add_file(session, task_id, file)
            stays = True
        finally:
            if not stays:
                await self._cabinet.drop(made, kept.kind)
        log.info("task_file_kept", task_id=task_id, bytes=kept.size, by=member.id)
        return file

    async def sweep(self) -> None:
        """Files without a row, of uploads that were cut off."""
        there = [each for each in await self._cabinet.names() if is_id(each)]
        for start in range(0, len(there), 500):
            some = there[start : start + 500]
            async with self._database.reading() as session:
                known = await store.known_files(session, some)
            await self._cabinet.sweep(set(some) - known)

    async def ask_newcomers(self) -> None:
        """Whoever has come to a branch since is asked too, while it is not due."""
        after = ""
        while True:
            async with self._database.reading() as session:
                tasks = await store.given(session, after, self._clock.now(), _AT_ONCE)
            for task in tasks:
                people = await self._people(task.terms)
                async with self._database.transaction() as session:
                    held = await store.find(session, task.id, Lock.UPDATE)
                    version = None if held is None else await store.version(session, held.id, held.version)
                    if held is not None and version is not None and held.state is TaskState.GIVEN:
                        await self._ask(session, held, version.content.title, people)
            if len(tasks) < _AT_ONCE:
                return
            after = tasks[-1].id

    # Inside

    async def _people(self, terms: Terms) -> list[Person]:
        if terms.whole:
            return await self._identity.party_members()
        return [person for each in terms.branches for person in await self._identity.party_members(branch_id=each)]

    async def _ask(self, session: Session, task: Task, title: str, people: Iterable[Person]) -> None:
        """Those who are not asked yet."""
        asked, now = await store.asked(session, task.id), self._clock.now()
        new = sorted((each for each in people if each.id not in asked), key=lambda each: each.id)
        await store.ask(session, [Part(task.id, each.id, each.branch_id, now) for each in new])
        await self._journal.append(session, *(live.given(task, title, each.id) for each in new))

    async def _check_branches(self, terms: Terms) -> None:
        known = await self.branch_names()
        if any(each not in known for each in terms.branches):
            raise Invalid("branch_unknown", "没有这个党支部")

    def _note(self, session: Session, member: Member, task: Task, act: str, reason: str = "") -> None:
        actor = Actor(member.id, member.name, tuple(sorted(role.value for role in member.roles)))
        self._audit.note(session, Act(act, "task", task.id, reason=reason, more={"version": task.version}), actor)


def _content(wanted: Wanted, pool: list[TaskFile]) -> Content:
    there = {each.id: each for each in pool}
    if any(each not in there for each in wanted.files):
        raise NotFound("attachment_not_found", "没有这个附件")
    return Content(wanted.title, wanted.text, tuple(there[each] for each in dict.fromkeys(wanted.files)))


def _check_settled(before: Terms, after: Terms) -> None:
    """Whoever was asked stays asked, and what it counts as was said when it was given."""
    fewer = (before.whole and not after.whole) or not (after.whole or set(before.branches) <= set(after.branches))
    if fewer or before.counts_as != after.counts_as:
        raise Invalid("terms_settled", "已经发布的任务不能减少支部，也不能改变计分")
