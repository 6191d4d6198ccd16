"""A replay that counts by a short quiz: drawn after watching, answered once, its answers never on the wire."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from server.attendance import sample_bank
from server.attendance.tables import QuizRow, WatchRow
from server.core.ids import new_id
from tests.integration.attendance.room import earned, own
from tests.integration.attendance.test_replays import recorded
from tests.integration.broadcasts.site import Answer, Person, Site, running_site


@pytest.fixture
async def either(tmp_path: Path, database_url: str) -> AsyncIterator[Site]:
    bank = Path(__file__).parents[3] / "server/attendance/quiz.json"
    approved = tmp_path / "bank.json"
    approved.write_text(bank.read_text().replace("needs_editor_review", "approved"))
    environment = {"DATABASE_URL": database_url, "HONGBO_QUIZ_BANK": str(approved)}
    async with running_site(tmp_path, environment) as site:
        yield site


def path_of(broadcast: str) -> str:
    return f"/api/v1/broadcasts/{broadcast}/attendance/quiz"


async def watched(site: Site, person: Person, broadcast: str, minutes: float) -> None:
    """As far as the database knows."""
    span = f"[[0,{int(minutes * 60_000)}]]"
    async with site.database.transaction() as session:
        await session.merge(WatchRow(broadcast_id=broadcast, member_id=person.id, media=span, wall=span))


async def right_ones(site: Site, quiz: str) -> list[int]:
    async with site.database.reading() as session:
        row = await session.get_one(QuizRow, quiz)
    known = {each.id: each for each in sample_bank().draw(40, (), lambda: 0.0)}
    asked = [each for each in known.values() if f'"{each.id}"' in row.questions]
    asked.sort(key=lambda each: row.questions.index(f'"{each.id}"'))
    return [list(each.options).index(each.answer) for each in asked]


async def put(person: Person, broadcast: str, quiz: str, answers: list[int]) -> Answer:
    return await person.send("PUT", f"{path_of(broadcast)}/{quiz}", {"answers": answers})


async def test_who_has_watched_enough_and_passes_is_present_and_credited_once(either: Site) -> None:
    site, host = either, await either.host()
    viewer, other = await site.person(name="封书瑶"), await site.person()
    broadcast, _ = await recorded(site, host, replay="quiz")
    rules = (await host.get(f"/api/v1/broadcasts/{broadcast}/attendance/rules")).body
    assert rules["checks"] == ["none", "roll_call", "quiz"]
    usual = (await host.get("/api/v1/attendance/rules")).body
    assert (usual["replay"], usual["number"], usual["checks"]) == ("none", 3, rules["checks"]), "before there is a broadcast"
    assert (await viewer.post(path_of(broadcast))).code == "quiz_not_yet"
    await watched(site, viewer, broadcast, 6)
    drawn = await asyncio.gather(*(viewer.post(path_of(broadcast)) for _ in range(3)))
    (quiz,) = {each.body["id"] for each in drawn}
    asked = drawn[0].body
    assert [set(each) for each in asked["questions"]] == [{"stem", "options"}] * 3, "and nothing of the answers"
    assert (await own(viewer, broadcast))["replay"]["quiz"] == {"needed_ms": 324_000, "open": True, "last": None}

    right = await right_ones(site, quiz)
    wrong = [right[0], *((each + 1) % 4 for each in right[1:])]
    assert (await put(viewer, broadcast, quiz, wrong[:2])).code == "quiz_answers_invalid"
    failed = await put(viewer, broadcast, quiz, wrong)
    assert (failed.body["right"], failed.body["passed"]) == (1, False)
    assert failed.body["again_at"] > datetime.now(UTC).isoformat()
    assert (await put(viewer, broadcast, quiz, wrong)).body == failed.body, "the same again"
    assert (await put(viewer, broadcast, quiz, right)).code == "quiz_answered"
    assert (await put(other, broadcast, quiz, right)).code == "quiz_not_found"
    assert (await put(viewer, broadcast, new_id(), right)).code == "quiz_not_found"
    assert (await viewer.post(path_of(broadcast))).code == "quiz_later"
    assert await earned(viewer) == []

    async with site.database.transaction() as session:
        await session.execute(update(QuizRow).values(answered_at=datetime.now(UTC) - timedelta(seconds=601)))
    again: Any = (await viewer.post(path_of(broadcast))).body
    assert not {each["stem"] for each in again["questions"]} & {each["stem"] for each in asked["questions"]}, "other questions"
    right = await right_ones(site, again["id"])
    good = [*right[:2], (right[2] + 1) % 4]
    told = await asyncio.gather(*(put(viewer, broadcast, again["id"], good) for _ in range(3)))
    assert [(each.body["right"], each.body["passed"]) for each in told] == [(2, True)] * 3
    assert await earned(viewer) == [("N01", 5)]
    seen = await own(viewer, broadcast)
    assert (seen["way"], seen["replay"]["quiz"]["last"]["passed"]) == ("replay", True)
    assert (await viewer.post(path_of(broadcast))).code == "already_present"
    async with site.database.reading() as session:
        assert len(list(await session.scalars(select(QuizRow.id)))) == 2
