"""A report says what happened: a room by script, and its figures on screen and in the file."""

import io
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from openpyxl import load_workbook

from server.core.ids import new_id
from server.core.spreadsheets import BEIJING
from server.identity import Role, Status
from tests.integration.broadcasts.site import Person, Site
from tests.integration.comments.test_room import on_air, put, visit
from tests.integration.polls.test_polls import close, opened, vote
from tests.support.room import Visit
from tests.support.wait import until

FORMULA = '=HYPERLINK("http://x","点我")'


async def report(person: Person, broadcast: str) -> Any:
    answer = await person.get(f"/api/v1/broadcasts/{broadcast}/report")
    assert answer.status == 200, answer.body
    return answer.body


async def ask(visitor: Visit, broadcast: str, text: str, **more: Any) -> str:
    answer = await visitor.call("question", {"broadcast": broadcast, "text": text, "client_id": new_id(), **more})
    assert answer["ok"], answer
    question: str = answer["id"]
    return question


async def scripted(site: Site, host: Person, one: Person, other: Person) -> str:
    """Three comments of two people, one taken back; two questions, one answered, one anonymous; a poll of two voters, and one
    that was taken back; 130 seconds long."""
    broadcast = await on_air(site, host)
    live_at = (site.service.now() - timedelta(seconds=130)).replace(second=10, microsecond=0)
    await put(site, broadcast, live_at=live_at, title=FORMULA)
    async with await visit(site, host) as desk, await visit(site, one) as first, await visit(site, other) as second:
        for each in (desk, first, second):
            await each.subscribe(broadcast)
        tap = {"broadcast": broadcast, "kind": "like", "count": 3, "client_id": new_id()}
        for _ in range(2):  # the second time it counts nothing
            assert (await first.call("react", tap))["ok"]
        assert (await second.call("react", {**tap, "kind": "applause", "count": 2, "client_id": new_id()}))["ok"]

        async def counted() -> bool:
            return bool((await report(host, broadcast))["viewers"]["peak"] == 3)

        await until(counted, timeout=20, what="three people in the room")
        await first.say(broadcast, "早", media_at=(live_at + timedelta(seconds=5)).isoformat())
        await second.say(broadcast, "好", media_at=(live_at + timedelta(seconds=60)).isoformat())
        gone = await second.say(broadcast, "不该说的", media_at=(live_at + timedelta(seconds=61)).isoformat())
        assert (await second.call("comment.remove", {"comment": gone["id"], "client_id": new_id()}))["ok"]
        question = await ask(first, broadcast, FORMULA)
        await ask(first, broadcast, "不好意思问的", anonymous=True)
        for state in ("answering", "answered"):
            mark = {"question": question, "state": state, "media_at": None}
            assert (await desk.call("question.mark", mark))["ok"]
        poll = await opened(desk, broadcast)
        assert (await vote(desk, poll, 0))["ok"]
        assert (await vote(first, poll, 0))["ok"]
        assert (await vote(first, poll, 2))["ok"]
        assert (await close(desk, poll))["ok"]
        wrong = await opened(desk, broadcast, question="写错了")
        assert (await vote(second, wrong, 1))["ok"]
        assert (await desk.call("poll.remove", {"poll": wrong, "client_id": new_id()}))["ok"]
    await host.act({"id": broadcast}, "end")
    return broadcast


async def test_every_figure_is_what_happened(site: Site) -> None:
    host, one, other = await site.host(), await site.person(name="封书瑶"), await site.person()
    broadcast = await scripted(site, host, one, other)
    found = await report(host, broadcast)
    assert found["on_air"] is False
    assert found["comments"] == {"posted": 2, "removed": 1, "people": 2}
    assert [minute["comments"] for minute in found["minutes"]][:3] == [1, 1, 0]
    assert sum(minute["comments"] for minute in found["minutes"]) == 2
    assert sum(minute["questions"] for minute in found["minutes"]) == 2
    questions = found["questions"]
    assert {key: questions[key] for key in ("asked", "answered", "replied", "adopted", "removed")} == {
        "asked": 2, "answered": 1, "replied": 0, "adopted": 0, "removed": 0,
    }  # fmt: skip
    assert [(each["by"], each["text"], each["state"]) for each in questions["items"]] == [
        ("封书瑶", FORMULA, "answered"),
        (None, "不好意思问的", "asked"),
    ]
    polls = [(each["counts"], each["voters"], each["removed"]) for each in found["polls"]]
    assert polls == [([1, 0, 1], 2, False), ([0, 1, 0], 1, True)]
    assert found["viewers"]["peak"] == 3
    assert found["viewers"]["peak_at"] is not None
    assert max(minute["viewers"] or 0 for minute in found["minutes"]) == 3
    assert found["reactions"] == {"like": 3, "applause": 2}
    assert sum(sum(minute["reactions"].values()) for minute in found["minutes"]) == 5
    assert found["people"] == 3, "the host voted, and the others did several things"
    starts = [datetime.fromisoformat(minute["at"]) for minute in found["minutes"]]
    assert all(late - early == timedelta(minutes=1) for early, late in pairwise(starts))
    assert starts[0] <= datetime.fromisoformat(found["live_at"])
    assert starts[-1] <= datetime.fromisoformat(found["until"])


async def test_the_file_says_the_same_with_real_dates_and_numbers_and_no_formula(site: Site) -> None:
    host, one, other = await site.host(), await site.person(name="=封书瑶"), await site.person()
    broadcast = await scripted(site, host, one, other)
    found = await report(host, broadcast)
    answer = await host.get(f"/api/v1/broadcasts/{broadcast}/report.xlsx")
    assert answer.status == 200
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    book = load_workbook(io.BytesIO(answer.raw))
    assert book.sheetnames == ["概况", "每分钟", "提问", "投票"]
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert "f" not in {cell.data_type for cell in cells}
    assert all(cell.quotePrefix for cell in cells if cell.data_type == "s")
    overview = {row[0].value: row[1].value for row in book["概况"].iter_rows(min_row=2)}
    assert overview["标题"] == FORMULA
    assert (overview["评论"], overview["被移除的评论"], overview["提问"], overview["已回答的提问"]) == (2, 1, 2, 1)
    assert (overview["最多同时在线"], overview["互动：点赞"], overview["互动：喝彩"]) == (3, 3, 2)
    assert isinstance(overview["开播"], datetime)
    live_at = datetime.fromisoformat(found["live_at"]).astimezone(BEIJING).replace(tzinfo=None)
    assert overview["开播"] == live_at
    minutes = list(book["每分钟"].iter_rows(min_row=2, values_only=True))
    assert [row[2] for row in minutes] == [minute["comments"] for minute in found["minutes"]]
    questions = list(book["提问"].iter_rows(min_row=2, values_only=True))
    assert [(row[1], row[2]) for row in questions] == [("=封书瑶", FORMULA), ("匿名", "不好意思问的")]
    polls = list(book["投票"].iter_rows(min_row=2, values_only=True))
    assert [row[3] for row in polls] == [1, 0, 1, 0, 1, 0]
    assert polls[-1][7] == "已撤下"
    assert "封书瑶" not in str(polls), "who voted what is nobody's business"


async def test_it_is_for_those_who_keep_the_room_and_for_party_affairs(site: Site) -> None:
    host = await site.host()
    broadcast = await on_air(site, host, visibility="members")
    people = [
        (host, 200, None),
        (await site.person(Role.MODERATOR), 200, None),
        (await site.person(Role.AFFAIRS_STAFF), 200, None),
        (await site.person(), 403, "keeper_needed"),
        (await site.person(status=Status.EMPLOYEE), 404, "broadcast_not_found"),
        (await site.visitor(), 401, "sign_in_needed"),
    ]
    for person, status, code in people:
        for path in ("report", "report.xlsx"):
            answer = await person.get(f"/api/v1/broadcasts/{broadcast}/{path}")
            assert (answer.status, answer.code) == (status, code)
    scheduled = (await host.schedule())["id"]
    early = await host.get(f"/api/v1/broadcasts/{scheduled}/report")
    assert (early.status, early.code) == (409, "report_not_yet")


async def test_while_on_air_it_says_how_far_things_have_come(site: Site) -> None:
    host = await site.host()
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one:
        poll = await opened(one, broadcast)
        assert (await vote(one, poll, 1))["ok"]
        await one.say(broadcast, "大家好")
    found = await report(host, broadcast)
    assert found["on_air"] is True
    assert found["polls"][0]["counts"] == [0, 1, 0]
    assert found["minutes"][-1]["comments"] == 1
