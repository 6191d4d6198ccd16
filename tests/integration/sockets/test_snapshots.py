"""Snapshot + entries == fresh snapshot, for every entry type there is. A later feature adds its trace to TRACES."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest

from server.activities import ACTIVITIES, ActivityKind, ActivityState
from server.activities import Plan as ActivityPlan
from server.attendance import ROLL_CALLS
from server.broadcasts import CommentMode, State, channel_of
from server.broadcasts.model import Recording
from server.comments import COMMENTS
from server.comments.service import SHOWN
from server.conversations import CONVERSATIONS
from server.conversations import channel_of as channel_of_talk
from server.conversations.model import BODY_CHARACTERS, MessageKind, Step, Taken
from server.core.errors import Conflict
from server.core.fanout import HUB, Part
from server.core.ids import digest, new_id
from server.identity import Member, Role, member_channel
from server.moderation import MODERATION, ReportReason
from server.moderation.live import OWN_SHOWN
from server.moderation.model import Action, Decision
from server.points import LEDGER, Cause
from server.polls import POLLS
from server.polls.model import planned
from server.questions import QUESTIONS
from server.questions.model import QuestionState as Answer
from server.room import NOTICES, NoticeKind
from server.shake import ShakePlan, draw_store
from server.shake.draw import commitment
from server.shake.model import Draw
from server.talks import AFTERWARDS, TALKS
from server.tasks import TASKS, TaskState, Terms, Wanted
from tests.integration.broadcasts.site import Person, Site
from tests.integration.comments.test_room import put
from tests.support.clock import ManualClock
from tests.support.oracle import Oracle, Trace, Watch, emitted, followed
from tests.support.shaken import Process, process
from tests.support.talking import STEPS, a_text, begin_talk
from tests.support.wait import until

EDITS = (
    {"title": "新的题目"},
    {"starts_at": "2031-07-01T01:00:00Z"},
    {"comment_mode": "off"},
    {"intro": "不在快照里"},
)


DEVICES = ("a" * 16, "b" * 16)


async def member_of(site: Site, person: Person) -> Member:
    """As the socket layer knows somebody who is signed in."""
    (listed,) = await site.identity.sessions.listed(person.id)
    found = await site.identity.sessions.find_by_id(listed.id)
    assert found is not None
    return found


async def broadcasts(site: Site, watch: Watch) -> None:
    host = await site.host()
    for ending in ("end", "cut-off", "cancel"):
        one = await host.schedule()
        oracle = watch(channel_of(one["id"]))
        await oracle.check()
        for changes in EDITS:
            assert (await host.send("PATCH", f"/api/v1/broadcasts/{one['id']}", changes)).status == 200
            await oracle.check()
        order = {"muted": True, "slow_seconds": 30, "visitors_comment": True, "comment_mode": "pre_moderated"}
        assert (await host.send("PATCH", f"/api/v1/broadcasts/{one['id']}/room", order)).status == 200
        await oracle.check()
        if ending == "cancel":
            await host.act(one, "cancel")
            await oracle.check()
            continue
        now = datetime.now(UTC)
        steps: list[dict[str, Any]] = [
            {"state": State.REHEARSAL},
            {"state": State.LIVE, "live_at": now},
            {"state": State.INTERRUPTED, "interrupted_at": now},
            {"state": State.LIVE, "interrupted_at": None},
        ]
        for step in steps:
            await put(site, one["id"], **step)
            await oracle.check()
        if ending == "end":
            await host.act(one, "end")
        else:
            await put(site, one["id"], state=State.CUT_OFF, ended_at=now, cut_off_reason="内容不当")
        await oracle.check()
        sealed = {"recording": Recording.SEALED, "recorded_seconds": 60.0, "recorded_bytes": 1000, "recorded_video": True}
        await put(site, one["id"], **sealed)
        await oracle.check()
        for published in (True, False) if ending == "end" else ():
            await host.act(one, "replay", {"published": published, "download": False})
            await oracle.check()
        await put(site, one["id"], recording=Recording.DISCARDED)
        await oracle.check()


async def comments(site: Site, watch: Watch) -> None:
    host = await site.host()
    viewer = await site.person(name="封书瑶")
    one = await host.schedule()
    await put(site, one["id"], state=State.LIVE, live_at=datetime.now(UTC))
    service = site.server.app[COMMENTS]
    writers = [await member_of(site, host), await member_of(site, viewer)]
    oracle = watch(channel_of(one["id"]))
    await oracle.check()
    first = new_id()
    for number in range(SHOWN + 3):  # past what a snapshot shows
        client_id = first if number == 0 else new_id()
        kept = await service.post(writers[number % 2], one["id"], f"第{number}条", client_id=client_id)
        if number < 4 or number > SHOWN - 3:
            await oracle.check()
    assert kept.offset == oracle.head
    await service.post(writers[0], one["id"], "第0条", client_id=first)  # the same again is no entry
    with pytest.raises(Conflict):
        await service.post(writers[0], one["id"], "另一条", client_id=first)
    await service.post(
        writers[0], one["id"], "回复", client_id=new_id(), reply_to=kept.id, media_at=datetime(2020, 1, 1, tzinfo=UTC)
    )
    await oracle.check()
    for removed in (kept.id, kept.id):  # the second time nothing happens
        await service.remove(writers[0], removed)
        await oracle.check()


async def moderation(site: Site, watch: Watch) -> None:
    host, viewer = await site.host(), await site.person(name="封书瑶")
    one = await host.schedule()
    await put(site, one["id"], state=State.LIVE, live_at=datetime.now(UTC), comment_mode=CommentMode.PRE_MODERATED)
    service, desk = site.server.app[COMMENTS], site.server.app[MODERATION].holding
    keeper, writer = await member_of(site, host), await member_of(site, viewer)
    oracles = [watch(f"desk:{one['id']}"), watch(f"member:{viewer.id}")]

    async def check() -> None:
        for oracle in oracles:
            await oracle.check()

    await check()
    held = []
    for number in range(OWN_SHOWN + 3):  # past what the member's own snapshot shows
        held.append((await service.post(writer, one["id"], f"第{number}条", client_id=new_id())).id)
        if number < 3 or number > OWN_SHOWN:
            await check()
    for ids, decision in (
        (held[:1], Decision.APPROVE),
        (held[1:3], Decision.REJECT),
        (held[1:2], Decision.RESTORE),  # one the writer is not shown any more
        (held[-3:], Decision.REJECT),
        (held[-2:], Decision.RESTORE),
        (held, Decision.APPROVE),  # what is left
    ):
        await desk.decide_all(keeper, ids, decision, "理由")
        await check()
    taken_back = await service.post(writer, one["id"], "说错了", client_id=new_id())
    await check()
    await service.remove(writer, taken_back.id)
    await check()
    await _mutes_and_reports(site, one["id"], keeper, writer, check)


async def _mutes_and_reports(
    site: Site, broadcast: str, keeper: Member, writer: Member, check: Callable[[], Awaitable[None]]
) -> None:
    moderation, service = site.server.app[MODERATION], site.server.app[COMMENTS]
    guide = await member_of(site, await site.person(Role.MODERATOR))
    for minutes in (10, None):  # the second takes the place of the first
        await moderation.muting.mute(keeper, writer.id, broadcast, minutes=minutes, reason="刷屏")
        await check()
    everywhere = await moderation.muting.mute(guide, writer.id, None, minutes=None, reason="")
    await check()
    (here,), _ = await moderation.muting.page(keeper, broadcast, after=None, limit=9)
    for mute in (everywhere, here):
        await moderation.muting.lift(guide, mute.id)
        await check()
    await put(site, broadcast, comment_mode=CommentMode.POST_MODERATED)
    made = await moderation.words.create(guide, "标记", Action.MARK)
    await moderation.words.change(guide, made.list.id, add=["红包"], remove=[])
    said = [(await service.post(writer, broadcast, text, client_id=new_id())).id for text in ("领红包", "你好", "再见")]
    await check()
    for member in (keeper, guide):
        await service.report(member, said[1], ReportReason.ABUSE, "", client_id=new_id())
        await check()
    await moderation.reporting.dismiss(keeper, said[1])
    await check()
    await service.remove(keeper, said[0])
    await check()
    await service.report(keeper, said[2], ReportReason.SPAM, "", client_id=new_id())
    await service.remove(guide, said[2])
    await check()


async def polls(site: Site, watch: Watch) -> None:
    host = await site.host()
    one = await host.schedule()
    member, service = await member_of(site, host), site.server.app[POLLS]
    plan = planned("几点？", ["上午", "下午", "晚上"], most=2, seconds=600)
    drafts = [await service.prepare(member, one["id"], plan) for _ in range(2)]
    await put(site, one["id"], state=State.LIVE, live_at=datetime.now(UTC))
    oracle = watch(channel_of(one["id"]))
    await oracle.check()
    for draft in drafts:
        await service.open(member, draft.id)
        await oracle.check()
        await service.vote(member, draft.id, [0, 2], client_id=new_id())
        await oracle.check()  # how it stands is no part of the state
        await service.end(member, draft.id)
        await oracle.check()
    await service.remove(member, drafts[0].id)
    await oracle.check()
    asked = await service.open_new(member, one["id"], plan, client_id=new_id())
    await service.remove(member, asked.id)  # opened and taken back between two looks
    await oracle.check()
    last = await service.open_new(member, one["id"], plan, client_id=new_id())
    await oracle.check()
    await put(site, one["id"], state=State.ENDED, ended_at=datetime.now(UTC))
    assert last.id not in [poll.id for poll in await service.close_due()]
    await oracle.check()


async def questions(site: Site, watch: Watch) -> None:
    host, viewer = await site.host(), await site.person(name="封书瑶")
    one = await host.schedule()
    await put(site, one["id"], state=State.LIVE, live_at=datetime.now(UTC))
    service = site.server.app[QUESTIONS]
    keeper, asker, other = (
        await member_of(site, host),
        await member_of(site, viewer),
        await member_of(site, await site.person()),
    )
    oracle = watch(channel_of(one["id"]))
    await oracle.check()
    ids: list[str] = []
    for anonymous in (False, True, False):
        asked = await service.ask(asker, one["id"], f"第{len(ids)}问", client_id=new_id(), anonymous=anonymous)
        ids.append(asked.id)
        await oracle.check()
    first, second, third = ids
    for voter, up in ((keeper, True), (other, True), (other, True), (keeper, False)):  # untold votes are in no snapshot
        await service.vote(voter, first, up=up)
        await oracle.check()
    for question_id, state in (
        (first, Answer.ANSWERING),
        (second, Answer.ANSWERING),  # ends the first
        (second, Answer.ANSWERING),
        (second, Answer.ANSWERED),
        (second, Answer.ASKED),
        (third, Answer.ANSWERED),
    ):
        await service.mark(keeper, question_id, state, None)
        await oracle.check()
    for pinned in (True, True, False):
        await service.pin(keeper, second, pinned=pinned)
        await oracle.check()
    replies = [(await service.reply(member, first, "同一个链接", client_id=new_id())).id for member in (keeper, other)]
    await oracle.check()
    for reply in (*replies, None, replies[0]):
        await service.adopt(asker, first, reply)
        await oracle.check()
    await service.remove_reply(keeper, replies[0])
    await oracle.check()
    for _ in range(2):
        await service.remove(asker, first)  # with the answer that is left
        await oracle.check()


async def points(site: Site, watch: Watch) -> None:
    """Credits are news alone: how a year stands is asked for over HTTP."""
    person = await site.person()
    oracle = watch(member_channel(person.id))
    await oracle.check()
    ledger, now = site.server.app[LEDGER], datetime.now(UTC)
    for event in ("profile.confirmed", "discipline.sanctioned"):
        async with site.database.transaction() as session:
            [credit] = await ledger.award(session, [Cause(person.id, event, new_id(), now)])
        assert credit is not None
        await until(partial(_is_sealed, site, person), what="the seal")
        await oracle.check()


async def _is_sealed(site: Site, person: Person) -> bool:
    rows, _ = await site.server.app[LEDGER].rows(person.id, datetime.now(UTC).year)
    return all(each.entry.number for each in rows)


async def notices(site: Site, watch: Watch) -> None:
    host = await site.host()
    one = await host.schedule()
    await put(site, one["id"], state=State.LIVE, live_at=datetime.now(UTC))
    service, keeper = site.server.app[NOTICES], await member_of(site, host)
    oracle = watch(channel_of(one["id"]))
    await oracle.check()
    client_id = new_id()
    for kind in (NoticeKind.PINNED, NoticeKind.ANNOUNCED, NoticeKind.PINNED, NoticeKind.ANNOUNCED):
        last = await service.say(keeper, one["id"], kind, f"请看{kind}", client_id=client_id)
        await service.say(keeper, one["id"], kind, f"请看{kind}", client_id=client_id)
        await oracle.check()
        client_id = new_id()
    pinned = await service.say(keeper, one["id"], NoticeKind.PINNED, "第三条", client_id=client_id)
    for unpinned in (last, pinned, pinned):  # what is not pinned any more is not taken down again
        await service.unpin(keeper, unpinned.id)
        await oracle.check()


async def roll_calls(site: Site, watch: Watch) -> None:
    host = await site.host()
    one = await host.schedule()
    await put(site, one["id"], state=State.LIVE, live_at=datetime.now(UTC))
    service, keeper = site.server.app[ROLL_CALLS], await member_of(site, host)
    oracle = watch(channel_of(one["id"]))
    await oracle.check()
    made = await service.open(keeper, one["id"], client_id=new_id())
    await oracle.check()
    await service.answer(keeper, made.id, client_id=new_id())
    await oracle.check()  # who has answered is no part of the state
    for _ in range(2):
        await service.end(keeper, made.id)
        await oracle.check()
    made = await service.open(keeper, one["id"], client_id=new_id())
    await oracle.check()
    await put(site, one["id"], state=State.ENDED, ended_at=datetime.now(UTC))
    assert made.id not in [each.id for each in await service.look()]
    await oracle.check()


async def activities(site: Site, watch: Watch) -> None:
    """They are in no snapshot: what is to be seen is that nothing else changes."""
    staff = await member_of(site, await site.person(Role.AFFAIRS_STAFF))
    one, two = [await member_of(site, await site.person(name=name)) for name in ("甲", "乙")]
    service, starts_at = site.server.app[ACTIVITIES], datetime.now(UTC) + timedelta(days=1)
    plan = ActivityPlan(ActivityKind.THEME_DAY, "主题党日", starts_at, starts_at + timedelta(hours=1), seats=1)
    made = (await service.create(staff, plan, draft=False)).activity.id
    oracle = watch(member_channel(two.id))
    await oracle.check()
    for who in (one, two):
        await service.seats.sign_up(who, made)
    await service.seats.give_back(one, made)
    await oracle.check()
    await service.move(staff, made, ActivityState.CANCELLED)
    await oracle.check()
    held = (await service.create(staff, plan, draft=False)).activity.id
    await service.move(staff, held, ActivityState.OPEN)
    await service.checkin.claim(two, held, "000000", datetime.now(UTC))
    await service.checkin.decide(staff, held, two.id, confirm=False, reason="没有到会")
    await oracle.check()


async def tasks(site: Site, watch: Watch) -> None:
    """In no snapshot either."""
    staff = await member_of(site, await site.person(Role.AFFAIRS_STAFF))
    one, two = [await member_of(site, await site.person(name=name)) for name in ("甲", "乙")]
    service, terms = site.server.app[TASKS], Terms(datetime.now(UTC) + timedelta(days=1), whole=True)
    made = (await service.create(staff, None, Wanted("学习通知", "请认真阅读", (), terms))).seen
    oracle = watch(member_channel(one.id))
    await service.give(staff, made.task.id)
    await oracle.check()
    await service.keeping.remind(staff, made.task.id)
    await service.confirming.confirm(one, made.task.id, number=1, hashed=made.version.hash)
    await oracle.check()
    oracle = watch(member_channel(two.id))
    await service.end(staff, made.task.id, TaskState.CLOSED)
    await oracle.check()


async def talks(site: Site, watch: Watch) -> None:
    """One that runs its whole length with everything in it, then is erased; one that ends by itself."""
    app = site.server.app
    people = [await site.person(name=name) for name in ("苏映川", "封书瑶")]
    one, two = [await member_of(site, each) for each in people]
    service, conversations, afterwards = app[TALKS], app[CONVERSATIONS], app[AFTERWARDS]
    own = [watch(member_channel(each.id)) for each in people]

    async def check(*more: Oracle) -> None:
        for oracle in (*own, *more):
            await oracle.check()

    await check()
    talk = await begin_talk(app, one.id, two.id)
    oracle = watch(channel_of_talk(talk))
    await check(oracle)
    for which, step in STEPS:
        asked = Taken(1, Step(step), "", DEVICES[which], 0)
        await conversations.keys.say((one, two)[which], talk, asked, "abc", client_id=new_id())
        await check(oracle)
    for agreed in (True, False):  # asked, then declined; asked, then agreed
        await service.extend(two, talk, agree=True)
        await check(oracle)
        await service.extend(one, talk, agree=agreed)
        await check(oracle)
    big = "A" * BODY_CHARACTERS
    sent = [await conversations.post(one, talk, a_text(), client_id=new_id())]
    await check(oracle)
    for number in range(14):  # past what a snapshot shows
        sent.append(await conversations.post((one, two)[number % 2], talk, a_text(big), client_id=new_id()))
        if number > 9:
            await check(oracle)
    await conversations.post(two, talk, a_text(kind=MessageKind.HISTORY, of=sent[-1].id), client_id=new_id())
    await check(oracle)
    for message in (sent[-1], sent[1], sent[1], sent[-4]):  # one with a copy, and one no snapshot shows any more
        author = one if message.side == "secretary" else two
        await conversations.recall(author, message.id)
        await check(oracle)
    for offset in (sent[3].offset, sent[2].offset, sent[-1].offset):
        await conversations.read(two, talk, offset)
        await check(oracle)
    await conversations.keys.say(one, talk, Taken(2, Step.HELLO, "", DEVICES[0], 0), "", client_id=new_id())
    await check(oracle)
    await service.keep_nothing(two, talk, nothing=True)
    await check(oracle)
    await service.end(one, talk)
    await check(oracle)
    for text in ("草稿", "纪要"):
        await afterwards.propose(one, talk, text)
        await check(oracle)
    await afterwards.agree(two, talk, digest("纪要"))
    await check(oracle)
    await service.erase(two, talk)
    await check(oracle)
    other = await begin_talk(app, two.id, one.id)
    later = watch(channel_of_talk(other))
    await check(later)
    await service.end(one, other)
    await check(later)
    await service.erase(one, other)
    await check(later)


async def shakes(site: Site, watch: Watch) -> None:
    """In services of its own, whose clock is ahead; what the site's own do meanwhile is what any other process would."""
    clock = ManualClock(datetime.now(UTC) + timedelta(minutes=1))
    async with process(
        site.database.url.render_as_string(hide_password=False).replace("+aiosqlite", ""), site.data_dir, clock
    ) as one:
        await _shakes(site, watch, one)


async def _shakes(site: Site, watch: Watch, one: Process) -> None:
    owner = await member_of(site, await site.person(Role.COMMITTEE_SECRETARY, name="苏映川"))
    talkers = [await member_of(site, await site.person(Role.BRANCH_SECRETARY, name=name)) for name in ("甲", "乙")]
    people = {each.id: each for each in [await member_of(site, await site.person(name=f"同志{at}")) for at in range(4)]}
    now = one.clock.now()
    plan = ShakePlan("摇一摇", now + timedelta(minutes=1), now + timedelta(hours=2), tuple(each.id for each in talkers))
    shake = await one.shakes.announce(owner, plan)
    oracles = [watch(f"shake:{shake.id}"), watch(f"shakelist:{shake.id}")]
    oracles += [watch(member_channel(each)) for each in (*people, *(each.id for each in talkers))]

    async def check() -> None:
        for oracle in oracles:
            await oracle.check()

    await check()
    await one.shakes.change(owner, shake.id, {"title": "新的题目", "rounds": 4})
    await check()
    shake = await one.shakes.find(owner, shake.id)
    nonces = [bytes([number]) * 32 for number in range(1, 9)]
    await one.rounds.prepare(talkers[0], shake.id, commitment(nonces[0]))
    await check()
    one.clock.advance(61)
    await one.look()
    await check()

    async def round_of(who: int, nonce: bytes, members: list[Member], *, reveal: bool = True) -> int:
        made = await one.rounds.prepare(talkers[who], shake.id, commitment(nonce))
        await check()
        await one.rounds.open(talkers[who], shake.id, made.number)
        await check()
        for each in members:
            await one.shake(each, shake)
        await check()
        one.clock.advance(34)
        await one.look()
        await check()
        if reveal:
            await one.rounds.reveal(talkers[who], shake.id, made.number, nonce.hex())
            await check()
        return int(made.number)

    async def offered() -> list[Draw]:
        async with site.database.reading() as session:
            return await draw_store.offers(session)

    number = await round_of(1, nonces[1], list(people.values()))
    (first,) = await offered()
    await one.drawing.decline(people[first.member_id], first.id)
    await check()
    one.clock.advance(34)
    await one.look()  # the next has not answered
    await check()
    (third,) = await offered()
    await one.drawing.withdraw(talkers[1], third.id, go_on=True)
    await check()
    (last,) = await offered()
    await one.drawing.accept(people[last.member_id], last.id)
    await check()
    with pytest.raises(Conflict, match="list_exhausted"):
        await one.drawing.draw(talkers[0], shake.id, number, client_id=new_id())
    await check()
    await round_of(0, nonces[2], [], reveal=False)  # nobody
    await round_of(0, nonces[3], [people[first.member_id]], reveal=False)
    one.clock.advance(91)
    await one.look()  # not told in time
    await check()
    await round_of(0, nonces[4], [people[first.member_id]])
    await one.shakes.close(owner, shake.id)
    await check()
    other = await one.shakes.announce(
        owner, replace(plan, opens_at=one.clock.now(), closes_at=one.clock.now() + timedelta(hours=1))
    )
    oracles.append(watch(f"shake:{other.id}"))
    await check()
    await one.rounds.prepare(talkers[0], other.id, commitment(nonces[6]))
    await check()
    await one.shakes.cancel(owner, other.id)
    await check()


TRACES: dict[str, Trace] = {
    "activities": activities,
    "broadcasts": broadcasts,
    "comments": comments,
    "moderation": moderation,
    "polls": polls,
    "shakes": shakes,
    "tasks": tasks,
    "talks": talks,
    "questions": questions,
    "notices": notices,
    "roll_calls": roll_calls,
    "points": points,
}


async def test_every_entry_type_is_met_and_each_snapshot_can_be_followed(site: Site) -> None:
    met: set[str] = set()
    for trace in TRACES.values():
        met |= await followed(site, trace)
    assert met >= emitted(), f"no trace meets {sorted(emitted() - met)}"


async def test_the_oracle_sees_a_part_that_forgets(site: Site) -> None:
    hub = site.server.app[HUB]
    (position,) = (at for at, part in enumerate(hub._parts["broadcast"]) if part.name == "comments")
    real = hub._parts["broadcast"][position]
    hub._parts["broadcast"][position] = Part(real.name, real.snapshot, lambda state, entry: state)
    with pytest.raises(AssertionError, match="a snapshot of offset"):
        await followed(site, comments)


def test_the_types_the_server_writes_are_found_in_its_code() -> None:
    assert {"comment.posted", "broadcast.live", "broadcast.changed"} <= emitted()
    assert "comment" not in emitted()
