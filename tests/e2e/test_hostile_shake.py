"""Hostile texts in the title of a session of 摇一摇: on lists, its page, the desk, the proof, the calendar."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.browsing import DESKTOP
from tests.support.hostile import SECRETARY, WRITER, House, packs, running_house
from tests.support.hostile_fields import IN_SHAKES

ALL = "/api/v1/shakes"
MARK = "场次"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path, {}) as house:
        yield house


@pytest.mark.browser
async def test_nothing_runs_of_what_a_session_is_called(house: House) -> None:
    async with (await house.member(SECRETARY)).get("/api/v1/me") as answer:
        secretary = (await answer.json())["member"]["id"]
    opens = datetime.now(UTC) + timedelta(days=1)
    plan = {"opens_at": opens.isoformat(), "closes_at": (opens + timedelta(hours=1)).isoformat(), "secretaries": [secretary]}
    titles = packs(60, MARK)
    made = await house.posts(SECRETARY, "POST", [(ALL, {**plan, "title": title}) for title in titles], "ShakeIn.title")
    sessions = [each["id"] for each in made if each]
    assert len(sessions) > len(titles) // 2, "most of them are titles"
    changed = await house.posts(SECRETARY, "PATCH", [(f"{ALL}/{sessions[0]}", {"title": titles[-1]})], "ShakePatch.title")
    assert changed

    member = await house.opens(WRITER, "/shakes")
    await member.shows(MARK)
    await member.goes("/", MARK)
    staff = await house.opens(SECRETARY, f"/shakes/{sessions[0]}/desk", size=DESKTOP)
    await staff.shows(MARK)
    for shake in (sessions[0], sessions[len(sessions) // 2], sessions[-1]):
        await member.goes(f"/shakes/{shake}", MARK)
        await member.goes(f"/shakes/{shake}/proof", MARK)
    await staff.goes(f"/shakes/{sessions[0]}/edit", "标题")
    await house.check("sessions")
    async with (await house.member(WRITER)).get(f"{ALL}/{sessions[0]}/calendar.ics") as answer:
        lines = (await answer.read()).split(b"\r\n")
    assert all(line.startswith((b" ", b"BEGIN:", b"END:")) or b":" in line for line in lines if line), "a line of its own"
    assert set(house.taken) >= IN_SHAKES
