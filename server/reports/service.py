"""Draws up the report of one broadcast: may they, then ask every feature for what it has kept, then add up."""

import asyncio
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

import structlog

from ..broadcasts import BroadcastService
from ..comments import CommentService
from ..identity import Member
from ..polls import PollService
from ..questions import QuestionService
from .model import Counted, Report, Sample, drawn_up, require_begun, require_reader
from .sheets import workbook

Step_co = TypeVar("Step_co", covariant=True)
log = structlog.get_logger(__name__)


class OverTime(Protocol, Generic[Step_co]):
    """Something that is counted while a broadcast is on air, in steps of some seconds."""

    async def over_time(self, broadcast_id: str) -> Sequence[Step_co]: ...


class Watched(Protocol):
    """What the room knows of viewers and reactions (`room.RoomService`)."""

    @property
    def samples(self) -> OverTime[Sample]: ...
    @property
    def reactions(self) -> OverTime[Counted]: ...


class ReportService:
    def __init__(
        self,
        broadcasts: BroadcastService,
        comments: CommentService,
        questions: QuestionService,
        polls: PollService,
        room: Watched | None = None,
    ) -> None:
        self._broadcasts, self._comments, self._questions = broadcasts, comments, questions
        self._polls, self._room = polls, room

    async def of(self, member: Member, broadcast_id: str) -> Report:
        """Raise NotFound for a broadcast that is not the member's to see, Forbidden `keeper_needed`, Conflict
        `report_not_yet`."""
        broadcast = await self._broadcasts.find(member, broadcast_id)
        require_reader(broadcast, member)
        require_begun(broadcast)
        return drawn_up(
            broadcast,
            self._broadcasts.now(),
            said=await self._comments.said(broadcast_id),
            asked=await self._questions.everything(broadcast_id),
            polls=await self._polls.held(broadcast_id),
            samples=await self._room.samples.over_time(broadcast_id) if self._room else (),
            reactions=await self._room.reactions.over_time(broadcast_id) if self._room else (),
        )

    async def exported(self, member: Member, broadcast_id: str) -> tuple[Report, bytes]:
        """The report and its file. Raise as `of` does."""
        report = await self.of(member, broadcast_id)
        host = await self._broadcasts.name_of(report.broadcast.host_id)
        log.info("report_exported", broadcast_id=broadcast_id, by=member.id)
        return report, await asyncio.to_thread(workbook, report, host)
