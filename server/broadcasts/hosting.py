"""Having hosted a broadcast that ended normally and whose replay is published: brought before a second person, who approves it
(decision 0506). Withdrawing the replay takes it back; throwing the recording away later, what was not approved yet alone.
"""

from datetime import timedelta

from ..core.audit import Actor
from ..core.db import Session
from ..identity import Member
from ..points import Bringing, Brought
from .model import Broadcast

HOSTED = "session.hosted.completed"
_MINUTE = timedelta(minutes=1)


class Hosting:
    def __init__(self, bringing: Bringing) -> None:
        self._bringing = bringing

    async def replay_set(self, session: Session, broadcast: Broadcast, member: Member) -> None:
        """The last thing in the transaction in which it was published, or withdrawn."""
        by = Actor(member.id, member.name, tuple(sorted(role.value for role in member.roles)))
        if broadcast.replay_published:
            await self._bringing.bring(session, _brought(broadcast), by)
            return
        reason, discarded = "回看已撤回", broadcast.discarded_at is not None
        if discarded:
            reason = "录像已删除"
        await self._bringing.take_back(session, _source(broadcast), by=by, reason=reason, confirmed=not discarded)


def _source(broadcast: Broadcast) -> str:
    return f"{HOSTED}/{broadcast.id}"


def _brought(broadcast: Broadcast) -> Brought:
    start = broadcast.live_at or broadcast.starts_at
    minutes = max(1, round(((broadcast.ended_at or start) - start) / _MINUTE))
    evidence = (
        f"直播 {minutes} 分钟（预计 {broadcast.minutes_planned} 分钟），最多 {broadcast.peak_viewers} 人同时观看；回看已发布"
    )
    return Brought(
        source=_source(broadcast),
        event=HOSTED,
        member_id=broadcast.host_id,
        at=start,
        reason=f"主持直播《{broadcast.title}》",
        evidence=evidence,
        link=f"/b/{broadcast.id}/replay",
    )
