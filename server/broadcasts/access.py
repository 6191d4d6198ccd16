"""Who may fetch HLS. Asked for every playlist, part and segment, so the usual answer costs no I/O and no cryptography.

A request shows a ticket: the cookie `hongbo_hls` (Path=/hls/<id>), or `?token=` with the same text for players that lose
cookies. Without a good one the session cookie speaks, and the answer sets the ticket. A ticket only says who asks; whether the
session still lives, its member may still see the broadcast and its state allows watching is decided for each request from what
is remembered of the session (identity, at most 5 s) and of the broadcast (at most `decision_life`; changes made by this process
count at once). So a right taken away ends with the next playlist, within 10 s wherever it was taken away.

Lifetime: ten minutes, renewed by playlist requests past half of it. The addresses inside a playlist cannot be renewed, so for
`?token=` the server remembers that a ticket in steady use goes on.
"""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import datetime

from aiohttp import web

from ..core.clock import Clock
from ..core.errors import AppError, NotFound, Unauthenticated
from ..core.flight import SingleFlight
from ..core.http.peer import is_secure
from ..core.ids import is_id, new_token
from ..identity import Member, caller
from ..media import REHEARSAL, VIEWER
from .limits import BroadcastSettings
from .model import Broadcast, State
from .tickets import REMEMBERED, Holder, Ticket, Tickets
from .visibility import may_watch_live, may_watch_replay

COOKIE = "hongbo_hls"
_IN_HEADER = re.compile(rf"(?:^|;)\s*{COOKIE}=([^;\s]+)")
_NEW_TICKET = web.RequestKey("broadcasts.ticket", tuple[str, str, int])  # stream id, text, seconds of life
_MOST_BROADCASTS = 10_000

FindSession = Callable[[str], Awaitable[Member | None]]
RecallSession = Callable[[str], Member | None]
Load = Callable[[str], Awaitable[Broadcast | None]]


class Access:
    """`find_session` answers the member of a live session, `recall_session` only what is remembered of it; `load` answers the
    broadcast as the database has it."""

    def __init__(
        self,
        settings: BroadcastSettings,
        clock: Clock,
        tickets: Tickets,
        find_session: FindSession,
        recall_session: RecallSession,
        load: Load,
    ) -> None:
        self._settings, self._clock = settings, clock
        self._tickets = tickets
        self._find_session, self._recall_session, self._load = find_session, recall_session, load
        self._broadcasts: dict[str, tuple[float, Broadcast | None]] = {}
        self._loads: SingleFlight[Broadcast | None] = SingleFlight()
        self._extended: OrderedDict[str, int] = OrderedDict()  # ?token= text → Unix seconds until which it goes on

    def changed(self, broadcast: Broadcast) -> None:
        """A change has been committed; the next request is judged by it."""
        self._remember(broadcast.id, broadcast)

    async def check(self, request: web.Request, stream_id: str, *, replay: bool) -> None:
        """Raise Unauthenticated `sign_in_needed` for those not signed in, NotFound for all others who may not watch."""
        now = self._clock.now()
        broadcast = await self.recall(stream_id)
        playlist = request.rel_url.raw_path.endswith(".m3u8")
        ticket = self._shown(request, stream_id, int(now.timestamp()))
        if ticket is not None:
            member = None
            if not ticket.holder.visitor:
                member = self._recall_session(ticket.holder.id) or await self._find_session(ticket.holder.id)
            if (member is not None or ticket.holder.visitor) and self._may(broadcast, member, now, replay=replay):
                if playlist and self._ages(ticket, now):
                    self._put_ticket(request, stream_id, ticket.holder, now)
                self._seen(request, broadcast, member)
                return
        member = await caller(request)
        if not self._may(broadcast, member, now, replay=replay):
            raise refused(member)
        self._put_ticket(request, stream_id, _holder(member), now)
        self._seen(request, broadcast, member)

    async def recall(self, stream_id: str) -> Broadcast | None:
        """The broadcast as it was at most `decision_life` ago, or as this process has changed it since."""
        known = self._broadcasts.get(stream_id)
        if known is not None and self._clock.monotonic() < known[0]:
            return known[1]
        return await self._loads.run(stream_id, lambda: self._ask(stream_id))

    def allows_now(self, stream_id: str, cookies: str, *, playlist: bool) -> bool:
        """Whether `check` would let this `Cookie` header watch the live stream and has nothing else to do: no question to the
        database, no ticket to renew. False means only that `check` must be asked."""
        known = self._broadcasts.get(stream_id)
        if known is None or self._clock.monotonic() >= known[0] or known[1] is None:
            return False
        shown = _IN_HEADER.search(cookies)
        ticket = self._tickets.read(stream_id, shown[1]) if shown is not None else None
        now = self._clock.now()
        if ticket is None or int(now.timestamp()) >= ticket.expires_at or (playlist and self._ages(ticket, now)):
            return False
        broadcast, holder = known[1], ticket.holder
        member = None if holder.visitor else self._recall_session(holder.id)
        return (member is not None or holder.visitor) and self._may(broadcast, member, now, replay=False)

    def _ages(self, ticket: Ticket, now: datetime) -> bool:
        """Whether a playlist's answer should carry a new ticket."""
        return ticket.expires_at - now.timestamp() < self._settings.ticket_life.total_seconds() / 2

    def admit(self, request: web.Request, broadcast: Broadcast, member: Member | None) -> str | None:
        """Give a member who may watch now a fresh ticket with the answer, and its text; None to all others."""
        now = self._clock.now()
        if member is None or not (
            self._may(broadcast, member, now, replay=False) or self._may(broadcast, member, now, replay=True)
        ):
            return None
        return self._put_ticket(request, broadcast.id, _holder(member), now)

    def _may(self, broadcast: Broadcast | None, member: Member | None, now: datetime, *, replay: bool) -> bool:
        if broadcast is None:
            return False
        if replay:
            return may_watch_replay(broadcast, member, self._settings)
        return may_watch_live(broadcast, member, now, self._settings)

    async def _ask(self, stream_id: str) -> Broadcast | None:
        if not is_id(stream_id):
            return None  # not remembered: strangers choose these texts, and their length
        known = self._broadcasts.get(stream_id)
        broadcast = await self._load(stream_id)
        after = self._broadcasts.get(stream_id)
        if after is not known and after is not None:
            return after[1]  # changed while it was being read: what was read may be older
        return self._remember(stream_id, broadcast)

    def _remember(self, stream_id: str, broadcast: Broadcast | None) -> Broadcast | None:
        if len(self._broadcasts) >= _MOST_BROADCASTS:
            self._broadcasts.clear()
        self._broadcasts[stream_id] = (self._clock.monotonic() + self._settings.decision_life, broadcast)
        return broadcast

    def _shown(self, request: web.Request, stream_id: str, now: int) -> Ticket | None:
        """The good ticket of a request, if it has one."""
        # Parsing every cookie of every part request costs more than the check itself.
        cookie = _IN_HEADER.search(request.headers.get("Cookie", ""))
        if cookie is not None:
            ticket = self._tickets.read(stream_id, cookie[1])
            if ticket is not None and now < ticket.expires_at:
                return ticket
        if "token=" not in request.rel_url.raw_query_string:
            return None
        text = request.query.get("token", "")
        ticket = self._tickets.read(stream_id, text)
        if ticket is None or now >= max(ticket.expires_at, self._extended.get(text, 0)):
            return None
        self._extended[text] = now + int(self._settings.ticket_life.total_seconds())
        self._extended.move_to_end(text)
        if len(self._extended) > REMEMBERED:
            self._extended.popitem(last=False)
        return ticket

    def _put_ticket(self, request: web.Request, stream_id: str, holder: Holder, now: datetime) -> str:
        expires_at = int((now + self._settings.ticket_life).timestamp())
        text = self._tickets.issue(Ticket(stream_id, holder, expires_at))
        request[_NEW_TICKET] = (stream_id, text, int(self._settings.ticket_life.total_seconds()))
        return text

    def _seen(self, request: web.Request, broadcast: Broadcast | None, member: Member | None) -> None:
        if member is not None:
            request[VIEWER] = member.id  # media bounds the waiting requests of one viewer; a visitor's by address: ids are free
        # Only while it is one: what was rehearsed is not read under the name of what went on air since.
        request[REHEARSAL] = broadcast is not None and broadcast.state is State.REHEARSAL


def refused(member: Member | None) -> AppError:
    """One answer for what is missing and for what is none of the caller's business; visitors are asked to sign in."""
    if member is None:
        return Unauthenticated("sign_in_needed", "请先登录")
    return NotFound("broadcast_not_found", "没有找到这场直播")


async def set_ticket(request: web.Request, response: web.StreamResponse) -> None:
    """An `on_response_prepare` hook: put the ticket that `Access` has given this request into its answer."""
    if (given := request.get(_NEW_TICKET)) is None:
        return
    stream_id, text, seconds = given
    cookie = f"{COOKIE}={text}; Path=/hls/{stream_id}; Max-Age={seconds}; HttpOnly; SameSite=Lax"
    # aiohttp has turned `response.cookies` into headers before its hooks run.
    response.headers.add("Set-Cookie", f"{cookie}; Secure" if is_secure(request) else cookie)
    response.headers["Cache-Control"] = "no-store"  # a shared cache must not hand one viewer's ticket to the next


def _holder(member: Member | None) -> Holder:
    return Holder(visitor=True, id=new_token(128)) if member is None else Holder(visitor=False, id=member.session_id)
