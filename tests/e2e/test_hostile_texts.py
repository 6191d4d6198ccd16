"""Texts that mean harm, through every field people write in, on every screen that shows them: nothing of them ever runs.

`tests/data/hostile_texts.json` holds them: markup, addresses, templates, directions, spreadsheet formulas. The content policy
would stop most of what got through; so it must have nothing to report either. What a field refuses is refused in words.

Which fields there are is read from the models of all requests: one that is new must be written through here, or named below.
"""

import asyncio
import csv
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import FilePayload, Page, expect

from server.app import ENDPOINTS, build
from server.core.texts import tidied
from server.identity.roster import read_roster
from server.moderation.word_files import fault_of
from server.settings import load_settings
from tests.support.browsing import DESKTOP, running_browser
from tests.support.hostile import TEXTS, House, Watched, packs, text_fields
from tests.support.onair import broadcast_on_air
from tests.support.room import visiting
from tests.support.serving import Serving
from tests.support.wait import until
from tests.support.watching import replay_of

ADMINISTRATOR, SECRETARY, MODERATOR, HOST, WRITER, READER = (
    f"100000000{each}" for each in ("08", "01", "05", "06", "10", "11")
)
MARKUP = [text for text in TEXTS if "__ran" in text]
SOON = 20_000  # ms
_MARK = 5  # characters of a pack's own
VISITORS = 24  # of one address; more messages are not sent to it at once
PLAN = {"starts_at": "2030-07-01T01:00:00Z", "visibility": "employees", "comment_mode": "post_moderated"}

COVERED = {
    *("BranchIn.name", "BranchIn.city", "BranchPatch.name", "BranchPatch.city", "MemberIn.name", "MemberPatch.name"),
    *("BroadcastIn.title", "BroadcastIn.intro", "BroadcastPatch.title", "BroadcastPatch.intro", "CutOffIn.reason"),
    *("CommentIn.text", "CommentRemoveIn.reason", "CommentReportIn.words", "NoticeIn.text", "VisitorIn.name"),
    *("QuestionIn.text", "QuestionRemoveIn.reason", "QuestionReplyIn.text", "QuestionReplyRemoveIn.reason"),
    *("PollIn.question", "PollIn.options", "PollOpenIn.question", "PollOpenIn.options"),
    *("MuteIn.reason", "ReasonIn.reason", "DecisionsIn.reason"),
    *("WordListIn.name", "WordListPatch.name", "WordsPatch.add", "WordsPatch.remove", "TestIn.text"),
    *("SetupIn.organisation", "SetupIn.name", "AccountQuery.q", "MembersQuery.q", "WordsQuery.q", "HostsQuery.q"),
    *("AuditQuery.act", "AuditQuery.actor", "AuditQuery.scope"),
}
_SECRET, _NUMBER = "a secret, shown to nobody", "kept only where it is a number, then shown as digits"
_ID, _CURSOR = "an id; what is none finds nothing", "a cursor that the server made; the pages show none"
_NOT_YET = "of activities and publications, whose screens are being made; it is walked through here together with them"
NOT_SHOWN = {
    **dict.fromkeys(("ActivationIn.password", "PasswordIn.current", "PasswordIn.password", "SetupIn.password"), _SECRET),
    **dict.fromkeys(("SignInIn.password", "ActivationIn.code", "SetupIn.token"), _SECRET),
    **dict.fromkeys(("ActivationIn.mobile", "MemberIn.mobile", "MemberPatch.mobile", "SetupIn.mobile"), _NUMBER),
    **dict.fromkeys(("SignInIn.mobile", "VisitorCodeIn.mobile", "VisitorIn.mobile"), _NUMBER),
    **dict.fromkeys(
        ("BroadcastIn.co_hosts", "BroadcastPatch.co_hosts", "DecisionsIn.ids", "MuteIn.member", "DesksQuery.rooms"), _ID
    ),
    **dict.fromkeys(("AuditQuery.after", "HeldQuery.after", "ListQuery.after", "MembersQuery.after"), _CURSOR),
    **dict.fromkeys(("PageQuery.after", "ReportsQuery.after", "PointsQuery.after", "PublishedQuery.after"), _CURSOR),
    **dict.fromkeys(("ActivityIn.branch_id", "ActivityIn.broadcast", "ChangesIn.broadcast", "DecisionIn.member"), _ID),
    **dict.fromkeys(
        ("ExpectedIn.add", "ExpectedIn.branches", "ExpectedIn.remove", "PersonIn.member", "PresencesIn.members"), _ID
    ),
    **dict.fromkeys(("CheckInIn.code", "ClaimIn.code", "PublishedQuery.branch", "LinesQuery.branch", "PrintQuery.branch"), _ID),
    **dict.fromkeys(("ActivityIn.title", "ActivityIn.intro", "ActivityIn.place"), _NOT_YET),
    **dict.fromkeys(("ChangesIn.title", "ChangesIn.intro", "ChangesIn.place"), _NOT_YET),
    **dict.fromkeys(("DecisionIn.reason", "LeaveIn.reason", "PersonIn.reason", "PresencesIn.reason"), _NOT_YET),
    **dict.fromkeys(("RecordIn.place", "RecordIn.agenda", "RecordIn.decisions"), _NOT_YET),
    **dict.fromkeys(("ReturnIn.reason", "AmendmentIn.text", "AmendmentIn.reason", "AttachmentQuery.name"), _NOT_YET),
    **dict.fromkeys(("NamedIn.chair", "NamedIn.recorder", "AmendmentIn.client_id"), _ID),
    **dict.fromkeys(("TaskIn.title", "TaskIn.text", "TaskFileQuery.name", "TaskWithdrawIn.reason"), _NOT_YET),
    **dict.fromkeys(("ConfirmForIn.reason", "TakeBackIn.reason"), _NOT_YET),
    **dict.fromkeys(("TaskIn.files", "TaskIn.branches", "ConfirmForIn.members", "TakeBackIn.member"), _ID),
    "TaskConfirmIn.hash": "compared, and kept nowhere",
    **dict.fromkeys(("DeliveriesQuery.after",), _CURSOR),
    **dict.fromkeys(("EndpointIn.name", "EndpointPatch.name"), _NOT_YET),
    **dict.fromkeys(("EndpointIn.url", "EndpointPatch.url"), "an https address; anything else is refused"),
    **dict.fromkeys(("SelfIn.words", "GradeIn.opinion", "WordsIn.text", "GradeAnswerIn.text"), _NOT_YET),
    **dict.fromkeys(("ObjectionIn.text", "ObjectionIn.evidence", "AnswerIn.text", "PublishedQuery.q"), _NOT_YET),
    **dict.fromkeys(
        ("ProposalIn.reason", "ProposalIn.evidence", "ReviewIn.words", "AppealIn.text", "ExemptionIn.reason", "RulesIn.reason"),
        _NOT_YET,
    ),
    **dict.fromkeys(("ProposalIn.member", "ProposalIn.indicator", "ExemptionIn.member"), _ID),
    **dict.fromkeys(("QueueQuery.after", "ObjectionsQuery.after", "LinesQuery.after", "MemberRowsQuery.after"), _CURSOR),
    "ProposalIn.link": "an address; anything but https: or one of this site is refused",
    "NameQuery.q": "what is looked for; the page writes it into its own field alone",
    "PeopleQuery.q": "what is looked for; the page writes it into its own field alone",
    **dict.fromkeys(("HeldQuery.kind", "ListQuery.state"), "a name of the protocol; no page takes one from its address"),
    **dict.fromkeys(("SubscribeIn.channel", "SubscribeIn.epoch", "UnsubscribeIn.channel"), "names of the protocol"),
}


def test_every_text_that_can_be_written_is_written_here_or_named_as_shown_nowhere(tmp_path: Path) -> None:
    endpoints = build(load_settings({}, data_dir=tmp_path))[ENDPOINTS]
    fields = text_fields(endpoints)
    assert not COVERED & set(NOT_SHOWN)
    assert fields == COVERED | set(NOT_SHOWN)


@pytest.fixture
async def codes() -> AsyncIterator[tuple[str, dict[str, str]]]:
    """The company that sends codes to visitors: its address, and what was sent to which number."""
    sent: dict[str, str] = {}

    async def take(request: web.Request) -> web.Response:
        message = await request.json()
        sent[message["mobile"]] = message["code"]
        return web.Response(status=202)

    app = web.Application()
    app.router.add_post("/send", take)
    async with TestServer(app, host="127.0.0.1") as server:
        yield str(server.make_url("/send")), sent


@pytest.fixture
async def house(tmp_path: Path, codes: tuple[str, dict[str, str]]) -> AsyncIterator[House]:
    environment = {
        "HONGBO_ALLOW_PUBLIC": "on",
        "HONGBO_SMS_URL": codes[0],
        "HONGBO_SMS_SECRET": "shared with the company, 32 characters",
    }
    serving = Serving(tmp_path, environment=environment, organisation=MARKUP[0], administrator=_fitting(40)[1])
    async with AsyncExitStack() as stack, running_browser() as browser:
        await serving.start()
        stack.push_async_callback(serving.stop)
        await serving.set_up()
        house = House(serving, browser, stack)
        house.taken.update(("SetupIn.organisation", "SetupIn.name"))
        yield house
    assert not [line for line in serving.output if '"level": "error"' in line or "Traceback" in line]


def _fitting(most: int) -> list[str]:
    return [text for text in MARKUP if len(text) <= most]


@pytest.mark.browser
@pytest.mark.timeout(300)
async def test_nothing_runs_whatever_is_written_and_wherever_it_is_shown(
    house: House, codes: tuple[str, dict[str, str]]
) -> None:
    host = await house.member(HOST)
    room, other, _ = await asyncio.gather(
        broadcast_on_air(host, house.stack, visibility="public"),
        broadcast_on_air(await house.member(READER), house.stack),
        _people_have_names(house),
    )
    words = await _words_are_listed(house)
    await _broadcasts_are_planned(house)
    held = await _what_stays_is_written(house, room)
    pages = [
        await house.opens(WRITER, f"/b/{room}"),
        await house.opens(HOST, f"/studio/{room}", size=DESKTOP),
        await house.opens(MODERATOR, f"/moderation/{room}", size=DESKTOP),
    ]
    await expect(pages[0].page.get_by_label("写评论")).to_be_visible(timeout=SOON)
    await _one_after_the_other(house, room, pages)
    await _much_is_said(house, room, pages)
    await _visitors_speak(house, room, pages, codes[1])
    await _held_is_rejected(house, held, pages[2].page)
    await _polls_are_held(house, room, pages)
    for each in pages[:2]:
        for tab in ("问答", "投票", "简介"):
            for found in await each.page.get_by_role("tab", name=tab).all():
                await found.click()
                await _unfold(each.page)
                await each.check(tab)
    await house.check("the room, the studio and the desk")
    await _all_is_looked_at(house, room, other, words, pages)
    assert set(house.taken) == COVERED
    assert all(
        house.taken[each] > 150 for each in ("CommentIn.text", "QuestionIn.text", "QuestionReplyIn.text", "MuteIn.reason")
    )
    await pages[0].page.evaluate("(text) => { document.body.innerHTML = text }", TEXTS[25])
    with pytest.raises(AssertionError, match="policy"):  # or this test could not fail
        await until(lambda: pages[0].check("a page that is careless"), what="the report")


# Before anybody looks ---------------------------------------------------------------------------------------------------


async def _people_have_names(house: House) -> None:
    """Those who speak are called harm themselves, and so are many others, and their branches."""
    http = await house.member(ADMINISTRATOR)
    async with http.get("/api/v1/members?limit=200") as answer:
        ids = {each["mobile"]: each["id"] for each in (await answer.json())["items"]}
    names = iter(_fitting(40))
    renamed = [
        (f"/api/v1/members/{ids[mobile]}", {"name": next(names)}) for mobile in (SECRETARY, MODERATOR, HOST, WRITER, READER)
    ]
    await house.posts(ADMINISTRATOR, "PATCH", renamed, "MemberPatch.name")
    people = [
        ("/api/v1/members", {"name": text, "mobile": f"1300000{number:04}", "status": "full"})
        for number, text in enumerate(TEXTS)
    ]
    await house.posts(ADMINISTRATOR, "POST", people[::10], "MemberIn.name")
    branches = [("/api/v1/branches", {"name": text, "city": text[:40]}) for text in TEXTS[::6]]
    made = [each for each in await house.posts(ADMINISTRATOR, "POST", branches, "BranchIn.name", "BranchIn.city") if each]
    again = [(f"/api/v1/branches/{each['id']}", {"name": f"{each['name'][:58]}。", "city": each["city"]}) for each in made[:10]]
    await house.posts(ADMINISTRATOR, "PATCH", again, "BranchPatch.name", "BranchPatch.city")


async def _words_are_listed(house: House) -> str:
    """Every text that can be listed is marked where it is said; gives the list's id."""
    lists = [("/api/v1/word-lists", {"name": pack, "action": "hold"}) for pack in packs(40)[:45]]
    made = [each for each in await house.posts(MODERATOR, "POST", lists, "WordListIn.name") if each]
    marking, *others = (f"/api/v1/word-lists/{each['id']}" for each in made)
    await house.posts(MODERATOR, "PATCH", [(marking, {"name": _fitting(40)[0], "action": "mark"})], "WordListPatch.name")
    again = [(path, {"name": pack}) for path, pack in zip(others, packs(40)[45:], strict=False)]
    await house.posts(MODERATOR, "PATCH", again, "WordListPatch.name")
    words = [word for text in TEXTS if fault_of(word := tidied(text)) is None]
    await house.posts(MODERATOR, "PATCH", [(f"{marking}/words", {"add": words})], "WordsPatch.add")
    await house.posts(MODERATOR, "PATCH", [(f"{marking}/words", {"remove": words[:5]})], "WordsPatch.remove")
    return marking.rsplit("/", 1)[1]


async def _broadcasts_are_planned(house: House) -> None:
    plans = [("/api/v1/broadcasts", {**PLAN, "title": text, "intro": text}) for text in TEXTS]
    await house.posts(HOST, "POST", plans, "BroadcastIn.title", "BroadcastIn.intro")


async def _what_stays_is_written(house: House, room: str) -> list[str]:
    """Questions and answers, what was removed and why, who is muted and why; gives the ids of what is held."""
    questions = [{"broadcast": room, "text": text} for text in [*TEXTS, "提问至此"]]
    asked = [each["id"] for each in await house.tells(HOST, "question", questions, "QuestionIn.text") if each]
    replies = [{"question": question, "text": text} for question, text in zip(cycle(asked), [*TEXTS, "回答至此"])]
    await house.tells(HOST, "question.reply", replies, "QuestionReplyIn.text")

    one = f"/api/v1/broadcasts/{room}"
    await house.posts(HOST, "PATCH", [(f"{one}/room", {"comment_mode": "pre_moderated"})])
    comments = [{"broadcast": room, "text": text} for text in TEXTS]
    held = [each["id"] for each in await house.tells(WRITER, "comment", comments) if each and each["held"]]
    assert len(held) > 250
    await house.posts(HOST, "PATCH", [(f"{one}/room", {"comment_mode": "post_moderated"})])
    mine = [{"broadcast": room, "text": f"将移除 {number}"} for number in range(40)]
    spoken = [each["id"] for each in await house.tells(WRITER, "comment", mine) if each]
    asked = [each["id"] for each in await house.tells(HOST, "question", mine) if each]
    replied = [
        each["id"]
        for each in await house.tells(HOST, "question.reply", [{"question": each, "text": "将移除"} for each in asked])
        if each
    ]
    for event, field, ids in (
        ("comment.remove", "CommentRemoveIn.reason", spoken),
        ("question.reply.remove", "QuestionReplyRemoveIn.reason", replied),
        ("question.remove", "QuestionRemoveIn.reason", asked),
    ):
        named = {"comment.remove": "comment", "question.remove": "question"}.get(event, "reply")
        removals = [{named: each, "reason": reason} for each, reason in zip(ids, packs(200), strict=False)]
        await house.tells(MODERATOR, event, removals, field)
    async with (await house.member(ADMINISTRATOR)).get("/api/v1/members?limit=200") as answer:
        people = [each["id"] for each in (await answer.json())["items"] if each["mobile"].startswith("1300000")]
    mutes = [(f"{one}/mutes", {"member": each, "reason": text}) for text, each in zip(TEXTS, cycle(people), strict=False)]
    mutes.append((f"{one}/mutes", {"member": people[-1], "reason": "禁言至此"}))
    await house.posts(MODERATOR, "POST", mutes[:-1], "MuteIn.reason")
    await house.posts(MODERATOR, "POST", mutes[-1:])
    return held


# While the room, the studio and the desk are open -----------------------------------------------------------------------


async def _one_after_the_other(house: House, room: str, pages: Sequence[Watched]) -> None:
    """Of these there is one at a time: title, introduction, notices, and why somebody may not write."""
    one, writer = f"/api/v1/broadcasts/{room}", await house.member(WRITER)
    async with writer.get("/api/v1/me") as answer:
        me = (await answer.json())["member"]["id"]
    titles = iter(zip(packs(80, "标题")[:12], cycle(packs(2000, "简介")), strict=False))
    async with house.speaking(HOST) as visit:
        for pinned, announced, reason in zip(packs(200, "置顶"), packs(200, "公告"), packs(200, "禁言"), strict=True):
            title, intro = next(titles, ("", ""))
            if title:
                changed = [(one, {"title": title, "intro": intro})]
                await house.posts(HOST, "PATCH", changed, "BroadcastPatch.title", "BroadcastPatch.intro")
            await house.tell(visit, "notice.pin", {"broadcast": room, "text": pinned}, "NoticeIn.text")
            await house.tell(visit, "notice.announce", {"broadcast": room, "text": announced}, "NoticeIn.text")
            (mute,) = await house.posts(
                MODERATOR, "POST", [(f"{one}/mutes", {"member": me, "reason": reason})], "MuteIn.reason"
            )
            marks = [each[:_MARK] for each in (pinned, announced, reason, title)]
            await asyncio.gather(pages[0].shows(*marks), pages[1].shows(marks[0], marks[3]), pages[2].shows(*marks[2:]))
    assert mute is not None
    async with (await house.member(MODERATOR)).delete(f"/api/v1/mutes/{mute['id']}") as answer:
        assert answer.status == 204


async def _much_is_said(house: House, room: str, pages: Sequence[Watched]) -> None:
    """Comments typed and sent, questions, written answers, reports."""
    area = pages[0].page.get_by_label("写评论")
    for text in MARKUP[::12]:
        await area.fill(text)
        await area.press("Enter")
    said: list[str] = []
    for start in range(0, len(TEXTS), 95):
        comments = [{"broadcast": room, "text": text} for text in [*TEXTS[start : start + 95], f"评论至{start:03}"]]
        said += [each["id"] for each in await house.tells(WRITER, "comment", comments, "CommentIn.text") if each]
        await asyncio.gather(*(each.shows(f"评论至{start:03}") for each in pages))
    reports = [
        {"comment": comment, "reason": "other", "words": pack} for comment, pack in zip(said, packs(200)[:20], strict=False)
    ]
    await house.tells(READER, "comment.report", reports, "CommentReportIn.words")
    await house.check("what was said")


async def _visitors_speak(house: House, room: str, pages: Sequence[Watched], codes: dict[str, str]) -> None:
    """Under names they choose themselves; a moderator lets it be said."""
    await house.posts(HOST, "PATCH", [(f"/api/v1/broadcasts/{room}/room", {"visitors_comment": True})])

    async def speak(number: int, name: str) -> str | None:
        mobile = f"139000{number:05}"
        jar = aiohttp.CookieJar(unsafe=True, treat_as_secure_origin=[house.serving.url])
        async with house.serving.client(cookie_jar=jar) as http:
            async with http.post("/api/v1/visitor/code", json={"mobile": mobile}) as answer:
                assert answer.status == 200, await answer.text()
            proof = {"mobile": mobile, "code": codes[mobile], "name": name}
            async with http.post("/api/v1/visitor", json=proof) as answer:
                if answer.status == 400:
                    return None
                visitor = await answer.json()
            cookies = "; ".join(f"{each.key}={each.value}" for each in http.cookie_jar)
        house.taken.update(["VisitorIn.name"])
        async with visiting(house.serving.url, cookies, visitor["csrf"], "websocket") as visit:
            return str((await visit.say(room, f"访客{number:03}"))["id"])

    names = [text for text in TEXTS if 0 < len(text) <= 12 and any(each in text for each in "<{='\"&")]
    held = list(filter(None, await asyncio.gather(*(speak(number, name) for number, name in enumerate(names[:VISITORS])))))
    assert len(held) > VISITORS / 2
    await house.posts(MODERATOR, "POST", [(f"/api/v1/held/{each}/approve", {"reason": ""}) for each in held])
    await pages[0].shows("访客000")


async def _held_is_rejected(house: House, held: Sequence[str], desk: Page) -> None:
    """While the desk shows it; its writer reads why."""
    rows, reasons = desk.locator(".held-item"), packs(200, "拒绝")
    for start in range(0, len(held), 100):
        await expect(rows).to_have_count(min(100, len(held) - start), timeout=SOON)
        await house.check("what is held")
        part = held[start : start + 100]
        single = [(f"/api/v1/held/{each}/reject", {"reason": reason}) for each, reason in zip(part[:25], reasons, strict=False)]
        await house.posts(MODERATOR, "POST", single, "ReasonIn.reason")
        several = [
            {"ids": part[at : at + 3], "decision": "reject", "reason": reason}
            for at, reason in zip(range(25, 100, 3), reasons[25:], strict=False)
        ]
        await house.posts(MODERATOR, "POST", [("/api/v1/held/decisions", each) for each in several], "DecisionsIn.reason")
        if left := part[25 + 3 * len(several) :]:
            await house.posts(MODERATOR, "POST", [("/api/v1/held/decisions", {"ids": left, "decision": "reject"})])
    await expect(rows).to_have_count(0, timeout=SOON)


async def _polls_are_held(house: House, room: str, pages: Sequence[Watched]) -> None:
    """Half of them prepared before, half of them asked on the spot."""
    options = [*packs(60), "是", "否"]
    plans = [
        {"question": question, "options": [*dict.fromkeys(options[8 * number : 8 * number + 8])]}
        for number, question in zip(range(-(-len(options) // 8)), cycle(packs(120)), strict=False)
    ]
    assert len(plans) <= 30
    prepared = [(f"/api/v1/broadcasts/{room}/polls", plan) for plan in plans[::2]]
    drafts = [each for each in await house.posts(HOST, "POST", prepared, "PollIn.question", "PollIn.options") if each]
    for found in await pages[1].page.get_by_role("tab", name="投票").all():
        await found.click()
    await pages[1].check("prepared polls")
    wanted: list[dict[str, Any]] = [{"poll": each["id"]} for each in drafts] + [
        {"broadcast": room, **plan} for plan in plans[1::2]
    ]
    for poll in wanted:
        fields = ("PollOpenIn.question", "PollOpenIn.options") if "question" in poll else ()
        (opened,) = await house.tells(HOST, "poll.open", [poll], *fields)
        if opened is not None:
            await house.tells(HOST, "poll.close", [{"poll": opened["poll"]}])


# Afterwards -------------------------------------------------------------------------------------------------------------


async def _all_is_looked_at(house: House, room: str, other: str, words: str, pages: Sequence[Watched]) -> None:
    """Every page that shows any of it, to those who may see all."""
    reason = "中止 " + packs(190)[0]
    await house.posts(MODERATOR, "POST", [(f"/api/v1/broadcasts/{other}/cut-off", {"reason": reason})], "CutOffIn.reason")
    await house.posts(HOST, "POST", [(f"/api/v1/broadcasts/{room}/end", {})])
    host = await house.member(HOST)
    await until(lambda: _sealed(host, room), every=0.1, what="the recording")
    await house.posts(HOST, "POST", [(f"/api/v1/broadcasts/{room}/replay", {"published": True})])
    viewer, studio, desk = pages
    staff = await house.opens(ADMINISTRATOR, "/me", size=DESKTOP)
    await asyncio.gather(
        _as_a_viewer(viewer, room, other),
        _in_the_studio(studio, room, house),
        _as_a_moderator(desk, words, house),
        _as_staff(staff, house),
    )


async def _unfold(page: Page) -> None:
    """Written answers, past polls: whatever a list shows only when asked."""
    await page.evaluate(
        "() => document.querySelectorAll('[role=tabpanel] [aria-expanded=false]').forEach((each) => each.click())"
    )


async def _sealed(http: aiohttp.ClientSession, room: str) -> bool:
    return str((await replay_of(http, room))["state"]) == "withheld"


async def _as_a_viewer(watched: Watched, room: str, other: str) -> None:
    await watched.goes("/", "即将开始")
    await watched.goes(f"/b/{room}/replay")
    await watched.page.get_by_role("button", name="播放").first.click(timeout=SOON)
    await watched.page.wait_for_function("Number.isFinite(document.querySelector('video')?.duration)")
    await watched.page.evaluate(
        "() => { const video = document.querySelector('video'); video.currentTime = video.duration - 1 }"
    )
    await watched.shows("评论至")
    await watched.page.get_by_role("tab", name="问答").first.click()
    await _unfold(watched.page)
    await watched.shows("提问至此", "回答至此")
    await watched.goes(f"/b/{other}", "中止")


async def _in_the_studio(watched: Watched, room: str, house: House) -> None:
    await watched.goes(f"/studio/{room}/report", "提问至此")
    await watched.goes("/studio")
    await _to_the_end(watched, "查看更早的")
    await watched.goes("/studio/new")
    for text in _fitting(40)[:2]:
        async with (await house.member(HOST)).get("/api/v1/hosts", params={"q": text}) as answer:
            assert answer.status == 200
    house.taken.update(["HostsQuery.q"])


async def _as_a_moderator(watched: Watched, words: str, house: House) -> None:
    await watched.goes("/moderation")
    await watched.goes("/moderation/words", _fitting(40)[0])
    page, found = watched.page, MARKUP[0]
    for pack in packs(2000):
        await page.get_by_role("textbox", name="试一试").fill(pack)
        async with page.expect_response("**/word-lists/test"):
            await page.get_by_role("button", name="测试", exact=True).click()
    await watched.check("what the lists find")
    house.taken.update(["TestIn.text"])
    await page.get_by_role("button", name=_fitting(40)[0]).first.click()
    await page.get_by_label("查找").fill(found[:40])
    await page.get_by_role("button", name="导入", exact=True).click()
    content = "\n".join(TEXTS).encode()
    file = FilePayload(name=f"{_fitting(60)[1]}.txt", mimeType="text/plain", buffer=content)
    await page.locator("input[type=file]").set_input_files(file)
    await expect(page.locator(".file")).to_be_visible()
    await watched.check("words from a file")
    house.taken.update(["WordsQuery.q"])
    hostile = _query(act=found, actor=found[:30], room=found[:30])
    await watched.goes(f"/moderation/audit?{hostile}")
    house.taken.update(["AuditQuery.act", "AuditQuery.actor", "AuditQuery.scope"])
    await watched.goes("/moderation/audit", "移除评论")
    await _to_the_end(watched, "更早的记录")


async def _as_staff(watched: Watched, house: House) -> None:
    await watched.shows(MARKUP[0])
    page = watched.page
    await watched.goes(f"/staff/members?{_query(q=MARKUP[0][:40])}")
    house.taken.update(["MembersQuery.q", "AccountQuery.q"])
    await watched.goes("/staff/members", "导入名册")
    await page.get_by_role("button", name="导入名册").click()
    readable = [each for each in enumerate(TEXTS) if "\0" not in each[1]]  # or it is no text at all
    for people in (readable, [each for each in readable if not read_roster(_roster([each])).errors]):
        file = FilePayload(name=f"{_fitting(60)[2]}.csv", mimeType="text/csv", buffer=_roster(people))
        await page.locator("input[type=file]").set_input_files(file)
        await expect(page.locator(".file")).to_be_visible(timeout=SOON)
        await watched.check("a roster that was read")
        if await (again := page.get_by_role("button", name="重新选择文件")).count():
            await again.click()
    await page.get_by_role("button", name="确认导入").click()
    await expect(page.locator("code").first).to_be_visible(timeout=SOON)
    await watched.goes("/staff/members", "导入名册")
    await _to_the_end(watched, "再显示一些")
    await watched.goes("/staff/branches", TEXTS[0])
    await watched.goes("/staff/roles", _fitting(40)[2])


def _roster(people: Sequence[tuple[int, str]]) -> bytes:
    out = io.StringIO()
    rows = ((text, f"1310000{number:04}", text, text, "正式党员") for number, text in people)
    csv.writer(out).writerows([("姓名", "手机号", "支部", "城市", "身份"), *rows])
    return out.getvalue().encode()


async def _to_the_end(watched: Watched, words: str) -> None:
    """All of a list that is read by pages."""
    more = watched.page.get_by_role("button", name=words)
    while await more.count():
        await more.click()
        await expect(more.and_(watched.page.locator("[aria-busy=true]"))).to_have_count(0, timeout=SOON)
    await watched.check(f"the end of {watched.page.url}")


def _query(**values: str) -> str:
    return "&".join(f"{name}={quote(value)}" for name, value in values.items())
