"""Hostile texts in activities, their lists and the records of meetings: on every page that shows them, and in their files."""

import io
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote

import openpyxl
import pypdf
import pytest

from server.core.ids import new_id
from tests.support.browsing import DESKTOP
from tests.support.hostile import (
    ADMINISTRATOR,
    HOST,
    MODERATOR,
    READER,
    SECRETARY,
    TEXTS,
    WRITER,
    House,
    Watched,
    fitting,
    packs,
    running_house,
)
from tests.support.hostile_fields import IN_MEETINGS

ALL = "/api/v1/activities"
GUESTS = (WRITER, READER, MODERATOR)  # who come, each in a way of their own
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100"
    "c9fe92ef0000000049454e44ae426082"
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path, {}) as house:
        yield house


@pytest.mark.browser
@pytest.mark.timeout(240)
async def test_nothing_runs_of_what_is_written_about_meetings(house: House) -> None:
    await _people_come(house)
    meeting = await _meetings_are_planned(house)
    await _lists_are_kept(house, meeting)
    staff = await house.opens(SECRETARY, f"/activities/{meeting}/people", size=DESKTOP)
    member = await house.opens(WRITER, "/activities")
    await staff.shows("缺席至此")
    await member.shows("活动至此")
    await _changes_are_seen(house, meeting, member)
    await _record_is_written(house, meeting, staff)
    await _files_are_taken(house, meeting)
    await staff.goes("/activities/burdens")
    await staff.goes("/activities/plans")
    await house.check("meetings")
    assert set(house.taken) >= IN_MEETINGS
    assert all(house.taken[each] > 150 for each in ("ActivityIn.title", "ActivityIn.intro"))


async def _people_come(house: House) -> None:
    """Called harm themselves; nobody needs to sign in to be on a list."""
    people = [
        ("/api/v1/members", {"name": text, "mobile": f"1300000{number:04}", "status": "full"})
        for number, text in enumerate(TEXTS)
    ]
    await house.posts(ADMINISTRATOR, "POST", people[: 2 * len(people) // 3], "MemberIn.name")


async def _meetings_are_planned(house: House) -> str:
    """All texts as titles, introductions and places on one list; gives the id of the one that is held."""
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    plan = {"kind": "general", "starts_at": soon, "whole": True}
    plans = [(ALL, {**plan, "title": text, "intro": text, "place": text[:80]}) for text in [*TEXTS, "活动至此"]]
    made = await house.posts(SECRETARY, "POST", plans, "ActivityIn.title", "ActivityIn.intro", "ActivityIn.place")
    assert made[-1] is not None
    return str(made[-1]["id"])


async def _lists_are_kept(house: House, meeting: str) -> None:
    """Who is absent and why, who came late and why, whose claim was turned down and why."""
    one = f"{ALL}/{meeting}"
    reasons = packs(200)
    leaves = zip((WRITER, READER, HOST), reasons, strict=False)
    for mobile, reason in leaves:
        await house.posts(mobile, "POST", [(f"{one}/leave", {"reason": reason})], "LeaveIn.reason")
    await house.posts(SECRETARY, "POST", [(f"{one}/open", {})])
    secretary = await house.member(SECRETARY)
    async with secretary.get(f"{one}/wall") as answer:
        code = (await answer.json())["code"]
    async with secretary.get(f"{one}/people") as answer:
        people = [each["member"] for each in (await answer.json())["items"]]
    own = {}
    for mobile in GUESTS:
        async with (await house.member(mobile)).get("/api/v1/me") as answer:
            own[mobile] = (await answer.json())["member"]["id"]
    claim = {"code": code, "scanned_at": datetime.now(UTC).isoformat()}
    for mobile, reason in zip(GUESTS, reversed(reasons), strict=False):
        await house.posts(mobile, "POST", [(f"{one}/claim", claim)])
        decision = {"member": own[mobile], "confirm": False, "reason": reason}
        await house.posts(SECRETARY, "POST", [(f"{one}/claims", decision)], "DecisionIn.reason")
    others = [each for each in people if each not in own.values()]
    assert len(others) > 2 * len(reasons), "or not all reasons have somebody"
    absent = [{"member": who, "reason": reason} for who, reason in zip(others, [*reasons, "缺席至此"], strict=False)]
    await house.posts(SECRETARY, "POST", [(f"{one}/absences", each) for each in absent], "PersonIn.reason")
    late = [
        {"members": [who], "way": "late_checkin", "reason": reason}
        for who, reason in zip(reversed(others), reasons, strict=False)
    ]
    await house.posts(SECRETARY, "POST", [(f"{one}/presences", each) for each in late], "PresencesIn.reason")


async def _changes_are_seen(house: House, meeting: str, member: Watched) -> None:
    """One activity at a time shows its title, its place and its introduction."""
    changes = list(zip(packs(80, "标题"), cycle(packs(2000)), cycle(packs(80)), strict=False))
    for title, intro, place in changes[:: len(changes) // 8]:
        changed = {"title": title, "intro": intro, "place": place}
        await house.posts(
            SECRETARY, "PATCH", [(f"{ALL}/{meeting}", changed)], "ChangesIn.title", "ChangesIn.intro", "ChangesIn.place"
        )
        await member.goes(f"/activities/{meeting}", title[:5])


async def _record_is_written(house: House, meeting: str, staff: Watched) -> None:
    """Everything in one record; returned, confirmed and amended."""
    one, record = f"{ALL}/{meeting}", f"/activities/{meeting}/record"
    ids = {}
    for mobile in (SECRETARY, HOST):
        async with (await house.member(mobile)).get("/api/v1/me") as answer:
            ids[mobile] = (await answer.json())["member"]["id"]
    named = {"chair": ids[HOST], "recorder": ids[SECRETARY]}
    (begun,) = await house.posts(SECRETARY, "PUT", [(f"{one}/record/people", named)])
    assert begun is not None
    names, lines, texts = packs(60), packs(300), packs(4000)
    speakers = [*names[:40], *fitting(60)[:20]]
    written = {
        "version": begun["version"],
        "place": packs(80)[3],
        "agenda": lines[:60],
        "speeches": [{"name": name, "points": text} for name, text in zip(speakers, cycle(texts))],
        "decisions": texts,
        "motions": [{"title": line, "in_favour": 1} for line in [*lines, "记录至此"][-60:]],
    }
    fields = ("RecordIn.place", "RecordIn.agenda", "RecordIn.decisions", "SpeechIn.name", "SpeechIn.points", "MotionIn.title")
    (saved,) = await house.posts(SECRETARY, "PUT", [(f"{one}/record", written)], *fields)
    assert saved is not None
    await staff.goes(f"{record}/edit", "会议记录")
    secretary = await house.member(SECRETARY)
    for name in fitting(100)[:12]:
        async with secretary.post(f"{one}/record/attachments?name={quote(name)}.png", data=PNG) as answer:
            assert answer.status == 200, await answer.text()
        house.taken.update(["AttachmentQuery.name"])
    await house.posts(SECRETARY, "POST", [(f"{one}/close", {})])
    for reason in packs(200)[:2]:
        await _moved(house, SECRETARY, one, "submit")
        await house.posts(HOST, "POST", [(f"{one}/record/return", {"reason": reason})], "ReturnIn.reason")
    await staff.goes(record, "记录至此")
    await _moved(house, SECRETARY, one, "submit")
    await _moved(house, HOST, one, "confirm")
    amendments = [
        {"text": text, "reason": reason, "client_id": new_id()}
        for text, reason in zip(packs(2000, "更正"), packs(200), strict=False)
    ]
    await house.posts(
        SECRETARY,
        "POST",
        [(f"{one}/record/amendments", each) for each in amendments],
        "AmendmentIn.text",
        "AmendmentIn.reason",
    )
    await staff.goes(record, "记录至此", amendments[-1]["text"][:5])
    await staff.check("the record")


async def _moved(house: House, mobile: str, one: str, how: str) -> None:
    async with (await house.member(mobile)).get(f"{one}/record") as answer:
        version = (await answer.json())["version"]
    assert (await house.posts(mobile, "POST", [(f"{one}/record/{how}", {"version": version})]))[0] is not None


async def _files_are_taken(house: House, meeting: str) -> None:
    """Formulas are words in a workbook, and markup is words on paper."""
    secretary = await house.member(SECRETARY)
    async with secretary.get(f"{ALL}/{meeting}/record.xlsx") as answer:
        assert answer.status == 200
        book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert len(cells) > 200
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"], "a formula"
    async with secretary.get(f"{ALL}/{meeting}/record.pdf") as answer:
        assert answer.status == 200
        paper = pypdf.PdfReader(io.BytesIO(await answer.read()))
    said = "".join(page.extract_text() for page in paper.pages)
    assert "<script>" in said.replace("\n", "")
    links: list[Any] = [note for page in paper.pages for note in page.get("/Annots", [])]
    assert not links, "nothing leads out of it"
