"""Hostile texts in tasks: on the lists, the page that is read to its end, and the list of who has confirmed, with its file."""

import io
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from urllib.parse import quote

import openpyxl
import pytest

from tests.support.browsing import DESKTOP
from tests.support.hostile import SECRETARY, WRITER, House, fitting, packs, running_house
from tests.support.hostile_fields import IN_TASKS

ALL = "/api/v1/tasks"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path, {}) as house:
        yield house


@pytest.mark.browser
@pytest.mark.timeout(240)
async def test_nothing_runs_of_what_is_written_in_tasks(house: House) -> None:
    tasks = await _tasks_are_given(house)
    reasons = packs(200)
    confirmed, withdrawn = tasks[: len(reasons)], tasks[-len(reasons) :]
    assert not set(confirmed) & set(withdrawn), "or there is not a task for each reason"
    await _confirmed_for_somebody(house, confirmed, reasons)
    withdrawals = [(f"{ALL}/{task}/withdraw", {"reason": reason}) for task, reason in zip(withdrawn, reasons, strict=True)]
    await house.posts(SECRETARY, "POST", withdrawals, "TaskWithdrawIn.reason")

    member = await house.opens(WRITER, "/tasks")
    await member.shows("任务")
    for task in (*confirmed[:3], *withdrawn[:3]):
        await member.goes(f"/tasks/{task}", "原因")
    staff = await house.opens(SECRETARY, "/tasks", size=DESKTOP)
    await staff.shows("任务")
    await staff.goes(f"/tasks/{confirmed[0]}/edit", "正文")
    await staff.goes(f"/tasks/{confirmed[0]}/people")
    await staff.page.get_by_role("button", name=re.compile("代为确认$")).first.click()
    await staff.shows("确认的是第", "正文000")
    await house.check("tasks")
    await _file_is_taken(house, confirmed[0])
    assert set(house.taken) >= IN_TASKS


async def _tasks_are_given(house: House) -> list[str]:
    """Every text in a title and in what is to be read, and in the names of files."""
    plan = {"due_at": (datetime.now(UTC) + timedelta(days=7)).isoformat(), "whole": True}
    pairs = zip(packs(80, "任务"), cycle(packs(19_000, "正文")), strict=False)
    plans = [{**plan, "title": title, "text": text} for title, text in pairs]
    made = await house.posts(SECRETARY, "POST", [(ALL, each) for each in plans], "TaskIn.title", "TaskIn.text")
    tasks = [each["id"] for each in made if each]
    secretary, files = await house.member(SECRETARY), []
    for name in fitting(100)[:6]:
        async with secretary.post(f"{ALL}/{tasks[0]}/files?name={quote(name)}.pdf", data=PDF) as answer:
            assert answer.status == 200, await answer.text()
            files.append((await answer.json())["id"])
        house.taken.update(["TaskFileQuery.name"])
    await house.posts(SECRETARY, "PUT", [(f"{ALL}/{tasks[0]}", {**plans[0], "files": files})])
    assert None not in await house.posts(SECRETARY, "POST", [(f"{ALL}/{task}/give", {}) for task in tasks])
    return tasks


async def _confirmed_for_somebody(house: House, tasks: list[str], reasons: list[str]) -> None:
    """And taken back from another."""
    async with (await house.member(SECRETARY)).get(f"{ALL}/{tasks[0]}/people") as answer:
        people = {each["name"]: each["member"] for each in (await answer.json())["items"]}
    async with (await house.member(WRITER)).get("/api/v1/me") as answer:
        writer = (await answer.json())["member"]["id"]
    other = next(who for name, who in people.items() if who != writer and name == "乔望舒")
    given = [{"members": [writer, other], "reason": reason} for reason in reasons]
    pairs = list(zip(tasks, given, reversed(reasons), strict=True))
    await house.posts(
        SECRETARY, "POST", [(f"{ALL}/{task}/confirmations", body) for task, body, _ in pairs], "ConfirmForIn.reason"
    )
    backs = [(f"{ALL}/{task}/confirmations/take-back", {"member": other, "reason": reason}) for task, _, reason in pairs]
    await house.posts(SECRETARY, "POST", backs, "TakeBackIn.reason")


async def _file_is_taken(house: House, task: str) -> None:
    async with (await house.member(SECRETARY)).get(f"{ALL}/{task}/people.xlsx") as answer:
        assert answer.status == 200
        book = openpyxl.load_workbook(io.BytesIO(await answer.read()))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.coordinate for cell in cells if cell.data_type == "f"], "a formula"
