"""Who may see, send, watch and stop a broadcast. Pure rules; `None` is a visitor.

Party members are full, probationary and retired members. Whoever is named as host or co-host, and those who may cut a broadcast
off, see it whatever its visibility. A broadcast that was public goes back to employees when the operator turns public ones off.
"""

from dataclasses import dataclass
from datetime import datetime

from ..identity import Member, Role
from ..moderation import is_moderator
from .limits import BroadcastSettings
from .model import ON_AIR, THROWN_AWAY, Broadcast, Recording, State, Visibility

_NOTHING: frozenset[Visibility] = frozenset()
_PUBLIC = frozenset({Visibility.PUBLIC})
_SIGNED_IN = frozenset({Visibility.EMPLOYEES, Visibility.PUBLIC})
_ALL = frozenset(Visibility)


@dataclass(frozen=True, slots=True)
class Rights:
    """What one person may do with one broadcast."""

    manage: bool  # its host: edit, cancel, replay
    publish: bool  # host and co-hosts: send, go live, end
    moderate: bool  # cut off

    @property
    def insider(self) -> bool:
        """Whether a rehearsal and a withheld replay are shown."""
        return self.publish or self.moderate


def rights(broadcast: Broadcast, member: Member | None) -> Rights:
    """Hosting needs the role as well as the name in the row: a host who has lost the role can no longer send or edit."""
    if member is None:
        return Rights(manage=False, publish=False, moderate=False)
    sends = member.has(Role.RED_HOST) and broadcast.publisher(member.id) is not None
    return Rights(manage=sends and broadcast.host_id == member.id, publish=sends, moderate=is_moderator(member))


def open_to(member: Member | None, *, allow_public: bool) -> frozenset[Visibility]:
    """The visibilities somebody sees without being named."""
    if member is None:
        return _PUBLIC if allow_public else _NOTHING
    return _ALL if member.is_party_member else _SIGNED_IN


def may_see(broadcast: Broadcast, member: Member | None, *, allow_public: bool) -> bool:
    if broadcast.visibility in open_to(member, allow_public=allow_public):
        return True
    return member is not None and (broadcast.publisher(member.id) is not None or is_moderator(member))


def shown_state(broadcast: Broadcast, held: Rights) -> State:
    """A rehearsal is the host's affair; to the others the broadcast is still scheduled."""
    if broadcast.state is State.REHEARSAL and not held.insider:
        return State.SCHEDULED
    return broadcast.state


def may_watch_live(broadcast: Broadcast, member: Member | None, now: datetime, settings: BroadcastSettings) -> bool:
    """On air: who may see it. Rehearsal: insiders. Ended: some seconds more, since players run behind. Cut off: nobody."""
    if not may_see(broadcast, member, allow_public=settings.allow_public):
        return False
    if broadcast.state in ON_AIR:
        return True
    if broadcast.state is State.REHEARSAL:
        return rights(broadcast, member).insider
    ended = broadcast.ended_at
    if broadcast.state is not State.ENDED or ended is None or broadcast.recording in THROWN_AWAY:
        return False
    return now - ended < settings.after_end


def may_watch_replay(broadcast: Broadcast, member: Member | None, settings: BroadcastSettings) -> bool:
    """Published: who may see the broadcast. Withheld: insiders, to review it. Cut off: moderators, as evidence."""
    if broadcast.recording is not Recording.SEALED or not may_see(broadcast, member, allow_public=settings.allow_public):
        return False
    held = rights(broadcast, member)
    if broadcast.state is State.CUT_OFF:
        return held.moderate
    return broadcast.replay_published or held.insider


def may_discard(broadcast: Broadcast, member: Member | None) -> bool:
    """The host and moderators; what was cut off is evidence, which only moderators may throw away."""
    held = rights(broadcast, member)
    return held.moderate or (held.manage and broadcast.state is not State.CUT_OFF)


def may_download(broadcast: Broadcast, member: Member | None, settings: BroadcastSettings) -> bool:
    """Those who send it always; others the published replay where the host allows it; moderators what was cut off."""
    if not may_watch_replay(broadcast, member, settings):
        return False
    held = rights(broadcast, member)
    if broadcast.state is State.CUT_OFF:
        return held.moderate
    return held.publish or (broadcast.replay_published and broadcast.download_allowed)
