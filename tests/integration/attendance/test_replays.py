"""A replay that counts: its own roll-calls, over processes and devices, on both databases."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.activities import ACTIVITIES, ActivityKind, Plan
from server.attendance import Watching
from server.attendance.replay_model import Prompt
from server.broadcasts import State
from server.broadcasts.model import Recording
from server.core.db import Database
from server.core.errors import Conflict, NotFound
from server.core.ids import new_id
from server.identity import Member, Role
from tests.integration.attendance.room import (
    answer,
    clock_of_now,
    earned,
    opened,
    own,
    process,
    replays_process,
    watching_process,
)
from tests.integration.broadcasts.site import Person, Site
from tests.integration.comments.test_room import on_air, put, visit
from tests.integration.sockets.test_snapshots import member_of
from tests.support.clock import ManualClock

MINUTES = 12  # that the recording takes


@dataclass
class Viewing:
    """One member who watches on one device: reports every ten seconds, as the page does."""

    watching: Watching
    member: Member
    broadcast: str
    start: datetime
    clock: ManualClock
    device: str = "phone"

    async def at(self, second: float) -> Prompt | None:
        media_at = self.start + timedelta(seconds=second)
        heard = await self.watching.report(
            self.member, self.broadcast, self.device, media_at=media_at, playing=True, visible=True
        )
        return heard.prompt

    async def through(self, first: float, last: float, speed: float = 1.0) -> Prompt | None:
        """Up to where something is asked."""
        second = first
        while second < last:
            if (prompt := await self.at(second)) is not None:
                return prompt
            self.clock.advance(10)
            second += 10 * speed
        return None

    async def asked(self, part: int, speed: float = 1.0) -> Prompt:
        """What is asked in the `part`-th of three parts."""
        prompt = await self.through(MINUTES * 20 * part - 20 * (part > 0), MINUTES * 20 * (part + 1), speed)
        assert prompt is not None, f"nothing was asked in part {part}"
        return prompt


async def recorded(site: Site, host: Person, *, days: int = 30, minutes: float = MINUTES, **rules: Any) -> tuple[str, datetime]:
    """A broadcast that is over, with its published replay; and when it began."""
    broadcast = (await host.schedule())["id"]
    said = {"replay": "roll_call", "replay_days": days, **rules}
    assert (await host.send("PUT", f"/api/v1/broadcasts/{broadcast}/attendance/rules", said)).status == 200
    start = datetime.now(UTC) - timedelta(minutes=minutes)
    await put(site, broadcast, state=State.LIVE, live_at=start)
    await put(
        site,
        broadcast,
        state=State.ENDED,
        ended_at=start + timedelta(minutes=minutes),
        recording=Recording.SEALED,
        recorded_seconds=minutes * 60.0,
        replay_published=True,
    )
    return broadcast, start


async def test_two_of_three_answered_while_it_plays_is_present_and_credited_once(either: Site) -> None:
    site, clock = either, clock_of_now()
    host, viewer, other = await site.host(), await site.person(name="封书瑶"), await site.person()
    broadcast, start = await recorded(site, host)
    elsewhere = Database(str(site.database.url.render_as_string(hide_password=False))) if not site.database.is_sqlite else None
    databases = [site.database, elsewhere or site.database]
    watching = [watching_process(site, clock, each) for each in databases]
    replays = [replays_process(site, clock, each) for each in databases]
    member = await member_of(site, viewer)
    seen = (await own(viewer, broadcast))["replay"]
    assert (seen["check"], seen["open"], seen["number"], seen["needed"], seen["answered"]) == ("roll_call", True, 3, 2, 0)
    assert seen["until"] > datetime.now(UTC).isoformat()

    met: list[Prompt] = []
    for place in range(3):
        # Each third on another device, which another process serves.
        viewing = Viewing(watching[place % 2], member, broadcast, start, clock, f"device {place}")
        prompt = await viewing.asked(place)
        met.append(prompt)
        if place != 1:
            key = new_id()
            both = await asyncio.gather(*(each.answer(member, prompt.id, client_id=key) for each in replays))
            again = await replays[0].answer(member, prompt.id, client_id=new_id())
            assert {(each.answered, each.needed) for each in [*both, again]} == {(1 if place == 0 else 2, 2)}
        else:
            told = (await own(viewer, broadcast))["replay"]["prompt"]
            assert told is None or told["id"] == prompt.id, "by the clock of the site"
            clock.advance(95)
    seen = await own(viewer, broadcast)
    assert (seen["way"], seen["replay"]["answered"], bool(seen["confirmed_at"])) == ("replay", 2, True)
    assert await earned(viewer) == [("N01", 5)]
    rewatching = Viewing(watching[0], member, broadcast, start, clock, "later")
    assert await rewatching.through(0, 700) is None, "nobody is asked who is recorded"

    stranger = await member_of(site, other)
    with pytest.raises(NotFound):
        await replays[0].answer(stranger, met[0].id, client_id=new_id())
    late, key = Viewing(watching[0], stranger, broadcast, start, clock, "other"), new_id()
    first = await late.asked(0)
    clock.advance(95)
    with pytest.raises(Conflict, match="已经结束"):
        await replays[1].answer(stranger, first.id, client_id=key)
    standing = await replays[0].own(stranger, broadcast)
    assert standing is not None
    assert (standing.answered, standing.missed) == (0, 1)
    anew = await late.asked(0)
    assert anew.id != first.id, "what was missed is drawn anew in its part"
    assert (await replays[1].answer(stranger, anew.id, client_id=key)).answered == 1
    second = await late.asked(1)
    with pytest.raises(Conflict) as refused:
        await replays[0].answer(stranger, second.id, client_id=key)
    assert refused.value.code == "client_id_reused"
    for each in watching:
        await each.close()
    if elsewhere is not None:
        await elsewhere.close()


async def test_neither_seeking_nor_many_pages_at_once_are_faster_than_the_clock(site: Site) -> None:
    clock = clock_of_now()
    host, viewer, quick = await site.host(), await site.person(), await site.person()
    broadcast, start = await recorded(site, host)
    watching, replays = watching_process(site, clock), replays_process(site, clock)
    member = await member_of(site, viewer)
    jumping = Viewing(watching, member, broadcast, start, clock)
    for second in range(0, 720, 40):
        assert await jumping.at(second) is None, "a jump passes nothing"
        clock.advance(10)
    pages = [Viewing(watching, member, broadcast, start, clock, f"page {place}") for place in range(3)]
    asked: set[str] = set()
    passed = 0
    while len(asked) < 2 and passed < 720:
        for place, page in enumerate(pages):
            prompt = await page.at(100 + 240 * place + passed)
            if prompt is not None and prompt.id not in asked:
                asked.add(prompt.id)
                await replays.answer(member, prompt.id, client_id=new_id())
        clock.advance(10)
        passed += 10
    assert passed >= 120, "a sixth of the whole, before the second is asked"
    # At double speed nobody waits.
    fast = Viewing(watching, await member_of(site, quick), broadcast, start, clock, "fast")
    for place in range(2):
        await replays.answer(fast.member, (await fast.asked(place, speed=2)).id, client_id=new_id())
    assert await earned(quick) == [("N01", 5)]
    await watching.close()


async def test_who_was_present_live_is_not_asked_and_the_replay_counts_for_its_days_alone(site: Site) -> None:
    clock = clock_of_now()
    host, viewer, late = await site.host(), await site.person(), await site.person()
    broadcast = await on_air(site, host)
    path = f"/api/v1/broadcasts/{broadcast}/attendance/rules"
    assert (await host.send("PUT", path, {"replay": "roll_call", "replay_days": 7})).status == 200
    async with await visit(site, host) as room, await visit(site, viewer) as one:
        assert (await answer(one, await opened(room, broadcast)))["ok"]
    start = datetime.now(UTC) - timedelta(minutes=MINUTES)
    over = {"state": State.ENDED, "recording": Recording.SEALED, "recorded_seconds": MINUTES * 60.0}
    await put(site, broadcast, **over, live_at=start, ended_at=datetime.now(UTC))
    clock.advance(10)
    calls = process(site, clock)
    for _ in range(3):
        await calls.look()
    assert await earned(viewer) == [("N01", 5)]
    watching = watching_process(site, clock)
    viewing = Viewing(watching, await member_of(site, late), broadcast, start, clock)
    assert await viewing.through(0, 240) is None, "it is not published"
    await put(site, broadcast, replay_published=True)
    live = Viewing(watching, await member_of(site, viewer), broadcast, start, clock, "live")
    assert await live.through(0, 720) is None
    await viewing.asked(0)
    clock.advance(8 * 24 * 3600)
    assert await viewing.through(0, 720) is None, "its seven days are over"
    await watching.close()
    await calls.close()


async def test_a_replay_makes_up_for_a_theme_day_and_for_no_meeting(site: Site) -> None:
    clock = clock_of_now()
    staff, host = await site.person(Role.AFFAIRS_STAFF), await site.host()
    activities, now = site.server.app[ACTIVITIES], datetime.now(UTC)
    keeper = await member_of(site, staff)
    for kind, gets in ((ActivityKind.THEME_DAY, [("Q04", 5)]), (ActivityKind.GENERAL, [])):
        viewer = await site.person()
        broadcast, start = await recorded(site, host)
        plan = Plan(kind, "七月", now - timedelta(hours=1), now, broadcast_id=broadcast)
        made = await activities.create(keeper, plan, draft=False)
        watching, replays = watching_process(site, clock), replays_process(site, clock)
        viewing = Viewing(watching, await member_of(site, viewer), broadcast, start, clock)
        for place in range(2):
            await replays.answer(viewing.member, (await viewing.asked(place)).id, client_id=new_id())
        assert await earned(viewer) == gets
        assert (await own(viewer, broadcast))["way"] == "replay"
        parts, _ = await activities.roll.people(keeper, made.activity.id)
        there = [part.way for part in parts if part.present_at and part.member_id == viewer.id]
        assert there == (["replay"] if gets else [])
        await watching.close()


async def test_it_is_asked_and_answered_over_the_socket(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    broadcast, start = await recorded(site, host, minutes=1, number=1, needed=1)
    clock = clock_of_now()
    watching = watching_process(site, clock)
    viewing = Viewing(watching, await member_of(site, viewer), broadcast, start, clock)
    prompt = await viewing.through(0, 60)
    assert prompt is not None
    assert (await own(viewer, broadcast))["replay"]["prompt"]["id"] == prompt.id, "also for a page that has just come"
    async with await visit(site, viewer) as one:
        said = {"prompt": prompt.id, "client_id": new_id()}
        assert await one.call("replay.answer", said) == {"ok": True, "answered": 1, "needed": 1}
        assert (await one.call("replay.answer", {**said, "prompt": new_id()}))["error"]["code"] == "replay_prompt_not_found"
    assert await earned(viewer) == [("N01", 5)]
    await watching.close()
