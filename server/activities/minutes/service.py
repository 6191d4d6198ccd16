"""The desk where records are written: read, saved, submitted, sent back, confirmed, amended.

Whoever changes a record holds its row. A save says which version it was made from; if there is a newer one, the answer carries
it and nothing is lost. A save whose answer got lost is no conflict when it is sent again.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from ...core.audit import Act, Actor, Audit
from ...core.cabinet import Cabinet
from ...core.clock import Clock
from ...core.db import Database, Session
from ...core.errors import Conflict, Forbidden, Invalid, NotFound
from ...core.ids import is_id, new_id
from ...core.paper import Press
from ...core.texts import tidied
from ...identity import Identity, Member, Person
from .. import store as activities
from ..model import Activity, Part, Seat, check_manages
from ..service import ActivityService
from ..store import Lock
from . import model, store
from .model import FILE_NAME_MOST, Amendment, Attachment, Attendee, Content, Minutes, MinutesState, Rights, Waiting
from .votes import Turnout, turnout_of

log = structlog.get_logger(__name__)

_MOST_WAITING = 100


@dataclass(frozen=True, slots=True)
class Shown:
    """A record as its reader may see it. `people`: whoever is named in it."""

    activity: Activity
    minutes: Minutes
    rights: Rights
    roll: list[Attendee]
    turnout: Turnout
    amendments: list[Amendment]
    attachments: list[Attachment]
    people: dict[str, Person]

    def name(self, member_id: str | None) -> str | None:
        person = self.people.get(member_id) if member_id is not None else None
        return None if person is None else person.name


class MinutesDesk:
    def __init__(
        self,
        activities_: ActivityService,
        database: Database,
        identity: Identity,
        audit: Audit,
        press: Press,
        cabinet: Cabinet,
        clock: Clock,
    ) -> None:
        self._register, self.branch_names = activities_.register, activities_.branch_names
        self._database, self._identity = database, identity
        self._audit, self._clock, self.press, self._cabinet = audit, clock, press, cabinet

    def now(self) -> datetime:
        return self._clock.now()

    async def show(self, member: Member, activity_id: str) -> Shown:
        """Raise NotFound `activity_not_found`, `record_not_found`."""
        seen = await self._register.find(member, activity_id)
        async with self._database.snapshot() as session:
            minutes = await store.find(session, activity_id)
            parts = await activities.parts(session, activity_id)
            amendments = await store.amendments(session, activity_id)
            attachments = await store.attachments(session, activity_id)
        rights = model.rights(member, seen.activity, seen.part, minutes)
        if not rights.reads:
            raise model.not_there()
        return await self._shown(seen.activity, minutes, rights, parts, amendments, attachments)

    async def waiting(self, member: Member) -> tuple[list[Waiting], dict[str, Person]]:
        """What this member chaired and has to confirm, and who handed it in."""
        async with self._database.reading() as session:
            found = await store.waiting(session, member.id, _MOST_WAITING)
        return found, await self._identity.people({each.submitted_by for each in found})

    async def whole(self, member: Member, activity_id: str) -> Shown:
        """For the complete file. Raise as `show` does, and Forbidden `organiser_needed`."""
        shown = await self.show(member, activity_id)
        if not shown.rights.everything:
            raise Forbidden("organiser_needed", "完整台账只有本活动的负责人、主持人和记录人可以导出")
        return shown

    async def name(self, member: Member, activity_id: str, *, chair: str | None, recorder: str | None) -> Shown:
        """Who chairs and who writes. Raise NotFound, Forbidden `organiser_needed`, Conflict `record_state`, Invalid
        `same_person`."""
        activity = await self._register.run_by(member, activity_id)
        model.check_named(chair, recorder)
        await self._require_fit(activity, [each for each in (chair, recorder) if each is not None])
        async with self._register.managed(member, activity_id, Lock.SHARE) as (session, activity):
            model.check_writable(activity)
            before = await store.hold(session, activity_id)
            model.check_draft(before)
            if (before.chair_id, before.recorder_id) != (chair, recorder):
                named = replace(before, chair_id=chair, recorder_id=recorder, version=before.version + 1)
                await store.keep(session, named)
        log.info("record_named", activity_id=activity_id, by=member.id)
        return await self.show(member, activity_id)

    async def save(self, member: Member, activity_id: str, version: int, content: Content) -> Shown:
        """Raise NotFound, Forbidden `recorder_needed`, Conflict `record_state`, `record_changed`."""
        async with self._register.held(member, activity_id, Lock.SHARE) as (session, activity):
            model.check_writable(activity)
            before = await self._held(session, member, activity)
            if not self._rights(member, activity, before).writes:
                self._refuse(member, activity, before)
            if before.content != content:
                self._check_version(before, version)
                now = self._clock.now()
                after = replace(before, content=content, version=before.version + 1, saved_by=member.id, saved_at=now)
                await store.keep(session, after)
                log.info("record_saved", activity_id=activity_id, by=member.id, version=after.version)
        return await self.show(member, activity_id)

    async def submit(self, member: Member, activity_id: str, version: int) -> Shown:
        """The second time nothing happens. Raise as `model.submitted` does, NotFound, Conflict `record_changed`."""
        roll = await self._roll(activity_id)
        async with self._register.held(member, activity_id, Lock.SHARE) as (session, activity):
            before = await self._held(session, member, activity)
            after = model.submitted(before, activity, member, turnout_of(roll), self._clock.now())
            if after is not before:
                self._check_version(before, version)
                await self._move(session, member, after, "record.submitted")
        return await self.show(member, activity_id)

    async def send_back(self, member: Member, activity_id: str, reason: str) -> Shown:
        """Raise as `model.returned` does, NotFound."""
        words = tidied(reason)
        async with self._register.held(member, activity_id, Lock.SHARE) as (session, activity):
            before = await self._held(session, member, activity)
            confirms = self._rights(member, activity, before).confirms
            after = model.returned(before, member, confirms=confirms, words=words)
            await self._move(session, member, after, "record.returned", words)
        return await self.show(member, activity_id)

    async def confirm(self, member: Member, activity_id: str, version: int) -> Shown:
        """With the list of who was there, as it is now. The second time nothing happens, whoever was first. Raise as
        `model.confirmed` does, NotFound, Conflict `record_changed`."""
        # Exclusively: nobody comes onto the list, or goes from it, while it is frozen.
        async with self._register.held(member, activity_id, Lock.UPDATE) as (session, activity):
            before = await self._held(session, member, activity)
            parts = await activities.parts(session, activity_id)
            roll = await self._attendees(parts)
            confirms = self._rights(member, activity, before).confirms
            after = model.confirmed(before, member, confirms=confirms, roll=roll, now=self._clock.now())
            if after is not before:
                self._check_version(before, version)
                model.check_complete(before, turnout_of(roll))
                await self._move(session, member, after, "record.confirmed")
        return await self.show(member, activity_id)

    async def amend(self, member: Member, activity_id: str, *, text: str, reason: str, client_id: str) -> Shown:
        """What is confirmed stays as it is; this is added. Raise NotFound, Forbidden `recorder_needed`, Conflict
        `record_state`, `client_id_reused`."""
        words = tidied(reason)
        if not text or not words:
            raise Invalid("reason_needed", "请写明更正的内容和原因")
        async with self._register.held(member, activity_id, Lock.SHARE) as (session, activity):
            minutes = await self._held(session, member, activity)
            if minutes.state is not MinutesState.CONFIRMED:
                raise Conflict("record_state", "会议记录确认之后才有更正，之前可以直接修改")
            if not self._rights(member, activity, minutes).amends:
                raise Forbidden("recorder_needed", "更正由记录人、主持人或负责人填写")
            wanted = Amendment(new_id(), activity_id, self._clock.now(), member.id, text, words, client_id)
            kept = await store.amend(session, wanted)
            if (kept.activity_id, kept.text, kept.reason) != (activity_id, text, words):
                raise Conflict("client_id_reused", "这个编号已经用于另一条更正")
            if kept.id == wanted.id:
                self._note(session, member, activity_id, "record.amended", words)
        log.info("record_amended", activity_id=activity_id, by=member.id)
        return await self.show(member, activity_id)

    # Attachments

    async def require_attaches(self, member: Member, activity_id: str) -> None:
        """Before anything is read of what they send. Raise NotFound, Forbidden `recorder_needed`."""
        model.check_attaches((await self.show(member, activity_id)).rights)

    async def attach(self, member: Member, activity_id: str, name: str, data: bytes) -> Shown:
        """The same content again changes nothing. Raise as `Cabinet.keep` does, NotFound, Forbidden `recorder_needed`, Conflict
        `attachments_full`."""
        shown = await self.show(member, activity_id)
        model.check_attaches(shown.rights)
        model.check_room(len(shown.attachments), sum(each.size for each in shown.attachments), len(data))
        made = new_id()
        kept = await self._cabinet.keep(made, data)
        stays = False
        try:
            async with self._register.held(member, activity_id, Lock.SHARE) as (session, activity):
                model.check_writable(activity)
                minutes = await self._held(session, member, activity)
                model.check_attaches(self._rights(member, activity, minutes))
                there = await store.attachments(session, activity_id)
                words = tidied(name.replace("\\", "/").rsplit("/", 1)[-1])[:FILE_NAME_MOST] or "附件"
                now = self._clock.now()
                wanted = Attachment(made, activity_id, words, kept.kind, kept.size, kept.sha256, member.id, now)
                if all(each.sha256 != kept.sha256 for each in there):
                    model.check_room(len(there), sum(each.size for each in there), kept.size)
                    stays = (await store.attach(session, wanted)).id == made
        finally:
            if not stays:
                await self._cabinet.drop(made, kept.kind)
        log.info("record_attached", activity_id=activity_id, by=member.id, bytes=kept.size)
        return await self.show(member, activity_id)

    async def attachment(self, member: Member, activity_id: str, attachment_id: str) -> tuple[Attachment, Path]:
        """For whoever may read the record. Raise NotFound."""
        shown = await self.show(member, activity_id)
        for each in shown.attachments:
            if each.id == attachment_id:
                return each, self._cabinet.path(each.id, each.kind)
        raise NotFound("attachment_not_found", "没有这个附件")

    async def pictures(self, shown: Shown) -> dict[str, bytes]:
        """Those of a record, by id, as they are printed."""
        found = {each.id: await self._cabinet.small(each.id) for each in shown.attachments if each.kind == "jpeg"}
        return {each: picture for each, picture in found.items() if picture is not None}

    async def detach(self, member: Member, activity_id: str, attachment_id: str) -> Shown:
        """While it is a draft. Raise NotFound, Forbidden `recorder_needed`, Conflict `record_state`."""
        found, _ = await self.attachment(member, activity_id, attachment_id)
        async with self._register.held(member, activity_id, Lock.SHARE) as (session, activity):
            minutes = await self._held(session, member, activity)
            model.check_removes(self._rights(member, activity, minutes), minutes)
            await store.detach(session, attachment_id)
        await self._cabinet.drop(found.id, found.kind)
        log.info("record_detached", activity_id=activity_id, by=member.id)
        return await self.show(member, activity_id)

    async def sweep(self) -> None:
        """Files without a row, of uploads that were cut off."""
        there = [each for each in await self._cabinet.names() if is_id(each)]
        for start in range(0, len(there), 500):
            some = there[start : start + 500]
            async with self._database.reading() as session:
                known = await store.known(session, some)
            await self._cabinet.sweep(set(some) - known)

    # Inside

    async def _held(self, session: Session, member: Member, activity: Activity) -> Minutes:
        """Held. Raise NotFound for what is not theirs to read."""
        minutes = await store.hold(session, activity.id)
        part = await activities.part(session, activity.id, member.id)
        rights = model.rights(member, activity, part, minutes)
        if not (rights.reads or rights.confirms):
            raise model.not_there()
        return minutes

    def _rights(self, member: Member, activity: Activity, minutes: Minutes) -> Rights:
        return model.rights(member, activity, None, minutes)

    def _refuse(self, member: Member, activity: Activity, minutes: Minutes) -> None:
        if member.id != minutes.recorder_id:
            try:
                check_manages(member, activity)
            except Forbidden:
                raise Forbidden("recorder_needed", "会议记录由记录人和负责人填写") from None
        model.check_draft(minutes)

    def _check_version(self, minutes: Minutes, version: int) -> None:
        if minutes.version != version:
            raise Changed(minutes.version)

    async def _move(self, session: Session, member: Member, after: Minutes, act: str, reason: str = "") -> None:
        await store.keep(session, after)
        self._note(session, member, after.activity_id, act, reason)
        log.info(act.replace(".", "_"), activity_id=after.activity_id, by=member.id)

    def _note(self, session: Session, member: Member, activity_id: str, act: str, reason: str = "") -> None:
        actor = Actor(member.id, member.name, tuple(sorted(role.value for role in member.roles)))
        self._audit.note(session, Act(act, "activity", activity_id, reason=reason), actor)

    async def _roll(self, activity_id: str) -> list[Attendee]:
        if not is_id(activity_id):
            return []
        async with self._database.reading() as session:
            parts = await activities.parts(session, activity_id)
        return await self._attendees(parts)

    async def _attendees(self, parts: list[Part]) -> list[Attendee]:
        people = await self._identity.people({each for part in parts for each in (part.member_id, part.by) if each})
        return [_attendee(part, people) for part in parts if part.member_id in people]

    async def _require_fit(self, activity: Activity, members: Collection[str]) -> None:
        """Whoever is named is of those it is for, or on its list."""
        people = await self._identity.people([each for each in members if is_id(each)])
        on_list = {each.member_id for each in await self._roll(activity.id)}
        for each in members:
            person = people.get(each)
            fit = person is not None and not person.disabled
            home = activity.plan.branch_id is None or (person is not None and person.branch_id == activity.plan.branch_id)
            if not fit or not (home or each in on_list):
                raise NotFound("member_not_found", "主持人和记录人须是本支部的人，或在名单里")

    async def _shown(
        self,
        activity: Activity,
        minutes: Minutes,
        rights: Rights,
        parts: list[Part],
        amendments: list[Amendment],
        attachments: list[Attachment],
    ) -> Shown:
        roll = list(minutes.roll) if minutes.roll is not None else await self._attendees(parts)
        ids = {minutes.chair_id, minutes.recorder_id, minutes.saved_by, minutes.submitted_by, minutes.confirmed_by}
        ids |= {each.by for each in amendments} | {each.by for each in attachments}
        people = await self._identity.people([each for each in ids if each is not None])
        if not rights.everything:
            roll = [replace(each, absence=None, reason="", by=None, way=None) for each in roll]
        return Shown(activity, minutes, rights, roll, turnout_of(roll), amendments, attachments, people)


class Changed(Conflict):
    """Somebody else has saved meanwhile; whoever answers adds what they have written."""

    def __init__(self, version: int, **extra: Any) -> None:
        super().__init__("record_changed", "另一位同事刚刚改过这份记录", extra={"version": version, **extra})


def _attendee(part: Part, people: dict[str, Person]) -> Attendee:
    person = people[part.member_id]
    return Attendee(
        member_id=part.member_id,
        name=person.name,
        branch_name=person.branch_name,
        status=person.status,
        expected=part.expected or part.seat is Seat.GOING,
        present_at=part.present_at,
        way=None if part.way is None else part.way.value,
        by=people[part.by].name if part.by is not None and part.by in people else None,
        reason=part.reason,
        absence=part.absence,
    )
