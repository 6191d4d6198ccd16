"""Every event of the sockets × every role, as `test_role_matrix.py` has every route. An event without a row fails, and a row
without an event.

What clients send is asked as every role, each time about things of its own; a row says what is answered, `ok` or the code of a
refusal. What the server tells goes to every role that has tried to listen; a row says who hears it.
"""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from server.app import DATABASE
from server.attendance import ROLL_CALLS
from server.broadcasts import State, Visibility, channel_of
from server.comments import COMMENTS
from server.core.fanout import HUB
from server.core.ids import new_id
from server.polls import POLLS
from server.polls.model import planned
from server.questions import QUESTIONS
from server.room import NOTICES, NoticeKind
from server.shake import ROUNDS
from tests.support.declared import ASKED, TOLD
from tests.support.replays import open_prompt
from tests.support.roles import ROLES, House, running_house
from tests.support.shaken.offered import announced
from tests.support.wait import until

EMPLOYEES, MEMBERS, PUBLIC = Visibility.EMPLOYEES, Visibility.MEMBERS, Visibility.PUBLIC


@dataclass(frozen=True)
class Row:
    """`answers`: one for every role, or one each. Of the payload `{broadcast}`, one made for this request alone with this
    visibility and state, `{comment}`, `{question}` and `{reply}`, somebody else's in such a one, `{draft}` and `{poll}`, a
    poll in such a one before and after its opening, `{roll_call}`, one that is open there, `{prompt}`, one of the caller's
    own replay, `{notice}`, one that is pinned there, `{announced}` and `{shake}`, a session without and with an open round,
    `{offer}`, one of the caller's own, `{talk}` and `{message}`, an open talk of two others and what one of them has sent in
    it, and `{id}`, an id that nothing has yet, are filled in."""

    payload: dict[str, Any]
    answers: tuple[str, ...]
    visibility: Visibility = EMPLOYEES
    state: State = State.LIVE

    def answer(self, role: str) -> str:
        return self.answers[0] if len(self.answers) == 1 else self.answers[ROLES.index(role)]


def everyone(answer: str = "ok") -> tuple[str, ...]:
    return (answer,)


def signed_in(answer: str = "ok", **instead: str) -> tuple[str, ...]:
    """`instead`: what some roles get. A visitor is asked to sign in."""
    return tuple({"visitor": "sign_in_needed", **instead}.get(role, answer) for role in ROLES)


ROOM = {"channel": "broadcast:{broadcast}"}
DESK = {"channel": "desk:{broadcast}"}
COMMENT = {"broadcast": "{broadcast}", "text": "大家好", "client_id": "{id}"}

REMOVE = {"comment": "{comment}", "client_id": "{id}"}
ASKED_POLL = {"broadcast": "{broadcast}", "question": "几点？", "options": ["上午", "下午"], "client_id": "{id}"}
VOTE = {"poll": "{poll}", "options": [1], "client_id": "{id}"}
POLL = {"poll": "{poll}", "client_id": "{id}"}
REPORT = {"comment": "{comment}", "reason": "spam", "client_id": "{id}"}
REACT = {"broadcast": "{broadcast}", "kind": "like", "count": 3, "client_id": "{id}"}
NOTICE = {"broadcast": "{broadcast}", "text": "请大家打开声音", "client_id": "{id}"}
UNPIN = {"notice": "{notice}", "client_id": "{id}"}
KEEPERS = ("host", "co_host", "committee_secretary", "moderator", "administrator")

# Public broadcasts are on. By event and case.
MATRIX: dict[tuple[str, str], Row] = {
    ("subscribe", "for employees"): Row(ROOM, signed_in()),
    ("subscribe", "for members"): Row(ROOM, signed_in(employee="not_found"), MEMBERS),
    ("subscribe", "for the public"): Row(ROOM, everyone(), PUBLIC),
    ("subscribe", "no such broadcast"): Row({"channel": "broadcast:{id}"}, signed_in("not_found")),
    ("subscribe", "another kind"): Row({"channel": "talk:{id}"}, signed_in("not_found")),
    ("subscribe", "no name of a channel"): Row({"channel": "broadcast:"}, signed_in("not_found")),
    ("subscribe", "to the desk"): Row(DESK, signed_in("not_found", **dict.fromkeys(KEEPERS, "ok"))),
    ("subscribe", "to the desk of members"): Row(DESK, signed_in("not_found", **dict.fromkeys(KEEPERS, "ok")), MEMBERS),
    ("subscribe", "to the desk of no room"): Row({"channel": "desk:{id}"}, signed_in("not_found")),
    ("subscribe", "to somebody else's own"): Row({"channel": "member:{id}"}, signed_in("not_found")),
    ("unsubscribe", "never subscribed"): Row(ROOM, everyone(), MEMBERS),
    ("unsubscribe", "no such broadcast"): Row({"channel": "broadcast:{id}"}, everyone()),
    ("comment", "for employees"): Row(COMMENT, signed_in()),
    ("comment", "for members"): Row(COMMENT, signed_in(employee="broadcast_not_found"), MEMBERS),
    ("comment", "for the public"): Row(COMMENT, signed_in(), PUBLIC),
    ("comment", "no such broadcast"): Row({**COMMENT, "broadcast": "{id}"}, signed_in("broadcast_not_found")),
    ("comment", "scheduled"): Row(COMMENT, signed_in("comments_closed"), state=State.SCHEDULED),
    ("comment", "in rehearsal"): Row(COMMENT, signed_in("comments_closed"), state=State.REHEARSAL),
    ("comment.remove", "of somebody else"): Row(REMOVE, signed_in("not_yours", **dict.fromkeys(KEEPERS, "ok"))),
    ("comment.remove", "for members"): Row(
        REMOVE, signed_in("not_yours", employee="broadcast_not_found", **dict.fromkeys(KEEPERS, "ok")), MEMBERS
    ),
    ("comment.remove", "no such comment"): Row({**REMOVE, "comment": "{id}"}, signed_in("comment_not_found")),
    ("comment.report", "of somebody else"): Row(REPORT, signed_in()),
    ("comment.report", "for members"): Row(REPORT, signed_in(employee="broadcast_not_found"), MEMBERS),
    ("comment.report", "no such comment"): Row({**REPORT, "comment": "{id}"}, signed_in("comment_not_found")),
    ("comment", "over"): Row(COMMENT, signed_in("comments_closed"), state=State.ENDED),
    ("poll.open", "for employees"): Row(ASKED_POLL, signed_in("keeper_needed", **dict.fromkeys(KEEPERS, "ok"))),
    ("poll.open", "for members"): Row(
        ASKED_POLL, signed_in("keeper_needed", employee="broadcast_not_found", **dict.fromkeys(KEEPERS, "ok")), MEMBERS
    ),
    ("poll.open", "scheduled"): Row(
        ASKED_POLL, signed_in("keeper_needed", **dict.fromkeys(KEEPERS, "polls_closed")), state=State.SCHEDULED
    ),
    ("poll.open", "a draft"): Row(
        {"poll": "{draft}", "client_id": "{id}"}, signed_in("poll_not_found", **dict.fromkeys(KEEPERS, "ok"))
    ),
    ("poll.open", "no such draft"): Row({"poll": "{id}", "client_id": "{id}"}, signed_in("poll_not_found")),
    ("poll.vote", "for employees"): Row(VOTE, signed_in()),
    ("poll.vote", "for members"): Row(VOTE, signed_in(employee="poll_not_found"), MEMBERS),
    ("poll.vote", "in a draft"): Row({**VOTE, "poll": "{draft}"}, signed_in("poll_not_found")),
    ("poll.vote", "no such poll"): Row({**VOTE, "poll": "{id}"}, signed_in("poll_not_found")),
    ("poll.close", "for employees"): Row(POLL, signed_in("keeper_needed", **dict.fromkeys(KEEPERS, "ok"))),
    ("poll.close", "for members"): Row(
        POLL, signed_in("keeper_needed", employee="poll_not_found", **dict.fromkeys(KEEPERS, "ok")), MEMBERS
    ),
    ("poll.remove", "for employees"): Row(POLL, signed_in("keeper_needed", **dict.fromkeys(KEEPERS, "ok"))),
    ("poll.remove", "no such poll"): Row({"poll": "{id}", "client_id": "{id}"}, signed_in("poll_not_found")),
}

CALL = {"broadcast": "{broadcast}", "client_id": "{id}"}
WATCH = {"broadcast": "{broadcast}", "media_at": "2026-07-01T06:40:00.5Z", "playing": True, "visible": True}
HERE = {"roll_call": "{roll_call}", "client_id": "{id}"}

MATRIX |= {
    ("watch", "for employees"): Row(WATCH, signed_in()),
    ("watch", "for members"): Row(WATCH, signed_in(employee="broadcast_not_found"), MEMBERS),
    ("watch", "for the public"): Row(WATCH, signed_in(), PUBLIC),
    ("roll_call.open", "for employees"): Row(CALL, signed_in("keeper_needed", **dict.fromkeys(KEEPERS, "ok"))),
    ("roll_call.open", "for members"): Row(
        CALL, signed_in("keeper_needed", employee="broadcast_not_found", **dict.fromkeys(KEEPERS, "ok")), MEMBERS
    ),
    ("roll_call.open", "interrupted"): Row(
        CALL, signed_in("keeper_needed", **dict.fromkeys(KEEPERS, "roll_calls_closed")), state=State.INTERRUPTED
    ),
    ("roll_call.close", "for employees"): Row(HERE, signed_in("keeper_needed", **dict.fromkeys(KEEPERS, "ok"))),
    ("roll_call.close", "for members"): Row(
        HERE, signed_in("keeper_needed", employee="roll_call_not_found", **dict.fromkeys(KEEPERS, "ok")), MEMBERS
    ),
    ("roll_call.answer", "for employees"): Row(HERE, signed_in()),
    ("roll_call.answer", "for members"): Row(HERE, signed_in(employee="roll_call_not_found"), MEMBERS),
    ("roll_call.answer", "no such roll-call"): Row({**HERE, "roll_call": "{id}"}, signed_in("roll_call_not_found")),
    ("replay.answer", "for employees"): Row({"prompt": "{prompt}", "client_id": "{id}"}, signed_in()),
    ("replay.answer", "for members"): Row(
        {"prompt": "{prompt}", "client_id": "{id}"}, signed_in(employee="replay_prompt_not_found"), MEMBERS
    ),
    ("replay.answer", "no such prompt"): Row({"prompt": "{id}", "client_id": "{id}"}, signed_in("replay_prompt_not_found")),
}

ASK = {"broadcast": "{broadcast}", "text": "有直播回看吗？", "client_id": "{id}"}
UP = {"question": "{question}", "up": True}
MARK = {"question": "{question}", "state": "answering"}
ANSWER = {"question": "{question}", "text": "有的", "client_id": "{id}"}
ADOPT = {"question": "{question}", "reply": "{reply}"}
PIN = {"question": "{question}", "pinned": True}
KEEPS = dict.fromkeys(KEEPERS, "ok")
UNSEEN = {"employee": "question_not_found"}

MATRIX |= {
    ("question", "for employees"): Row(ASK, signed_in()),
    ("question", "for members"): Row(ASK, signed_in(employee="broadcast_not_found"), MEMBERS),
    ("question", "for the public"): Row(ASK, signed_in(), PUBLIC),
    ("question", "scheduled"): Row(ASK, signed_in(), state=State.SCHEDULED),
    ("question", "over"): Row(ASK, signed_in("questions_closed"), state=State.ENDED),
    ("question", "no such broadcast"): Row({**ASK, "broadcast": "{id}"}, signed_in("broadcast_not_found")),
    ("question.vote", "of somebody else"): Row(UP, signed_in()),
    ("question.vote", "for members"): Row(UP, signed_in(**UNSEEN), MEMBERS),
    ("question.vote", "for the public"): Row(UP, signed_in(), PUBLIC),
    ("question.vote", "no such question"): Row({**UP, "question": "{id}"}, signed_in("question_not_found")),
    ("question.mark", "of somebody else"): Row(MARK, signed_in("keeper_needed", **KEEPS)),
    ("question.mark", "for members"): Row(MARK, signed_in("keeper_needed", **UNSEEN, **KEEPS), MEMBERS),
    ("question.pin", "of somebody else"): Row(PIN, signed_in("keeper_needed", **KEEPS)),
    ("question.pin", "for members"): Row(PIN, signed_in("keeper_needed", **UNSEEN, **KEEPS), MEMBERS),
    ("question.reply", "of somebody else"): Row(ANSWER, signed_in()),
    ("question.reply", "for members"): Row(ANSWER, signed_in(**UNSEEN), MEMBERS),
    ("question.reply", "for the public"): Row(ANSWER, signed_in(), PUBLIC),
    ("question.adopt", "of somebody else"): Row(ADOPT, signed_in("not_yours", **KEEPS)),
    ("question.adopt", "for members"): Row(ADOPT, signed_in("not_yours", **UNSEEN, **KEEPS), MEMBERS),
    ("question.remove", "of somebody else"): Row({"question": "{question}"}, signed_in("not_yours", **KEEPS)),
    ("question.remove", "for members"): Row({"question": "{question}"}, signed_in("not_yours", **UNSEEN, **KEEPS), MEMBERS),
    ("question.reply.remove", "of somebody else"): Row({"reply": "{reply}"}, signed_in("not_yours", **KEEPS)),
    ("question.reply.remove", "for members"): Row(
        {"reply": "{reply}"}, signed_in("not_yours", employee="reply_not_found", **KEEPS), MEMBERS
    ),
}
MATRIX |= {
    ("react", "for employees"): Row(REACT, signed_in()),
    ("react", "for members"): Row(REACT, signed_in(employee="broadcast_not_found"), MEMBERS),
    ("react", "for the public"): Row(REACT, everyone(), PUBLIC),
    ("react", "no such broadcast"): Row({**REACT, "broadcast": "{id}"}, signed_in("broadcast_not_found")),
    ("react", "in rehearsal"): Row(REACT, signed_in("reactions_closed"), state=State.REHEARSAL),
    ("react", "over"): Row(REACT, signed_in("reactions_closed"), state=State.ENDED),
    ("notice.unpin", "pinned"): Row(UNPIN, signed_in("keeper_needed", **dict.fromkeys(KEEPERS, "ok"))),
    ("notice.unpin", "no such notice"): Row({**UNPIN, "notice": "{id}"}, signed_in("notice_not_found")),
}
SHAKE = {"shake": "{shake}", "client_id": "{id}"}
OFFER = {"draw": "{offer}", "client_id": "{id}"}
MATRIX |= {
    ("shake", "no round yet"): Row(
        {**SHAKE, "shake": "{announced}"},
        signed_in("round_not_open", employee="shake_not_found", committee_deputy_secretary="round_not_prepared"),
    ),
    ("shake", "a round is open"): Row(SHAKE, signed_in(employee="shake_not_found")),
    ("shake", "no such session"): Row({**SHAKE, "shake": "{id}"}, signed_in("shake_not_found")),
    ("shake.accept", "one's own offer"): Row(OFFER, signed_in()),
    ("shake.accept", "no such offer"): Row({**OFFER, "draw": "{id}"}, signed_in("offer_not_found")),
    ("shake.decline", "one's own offer"): Row(OFFER, signed_in()),
    ("shake.decline", "no such offer"): Row({**OFFER, "draw": "{id}"}, signed_in("offer_not_found")),
    ("subscribe", "to a session"): Row({"channel": "shake:{announced}"}, signed_in(employee="not_found")),
    ("subscribe", "to no session"): Row({"channel": "shake:{id}"}, signed_in("not_found")),
    ("subscribe", "to the list of a session"): Row({"channel": "shakelist:{announced}"}, signed_in("not_found")),
}
for _event in ("notice.pin", "notice.announce"):
    MATRIX |= {
        (_event, "on air"): Row(NOTICE, signed_in("keeper_needed", **dict.fromkeys(KEEPERS, "ok"))),
        (_event, "for members"): Row(
            NOTICE, signed_in("keeper_needed", employee="broadcast_not_found", **dict.fromkeys(KEEPERS, "ok")), MEMBERS
        ),
        (_event, "before the air"): Row(
            NOTICE, signed_in("keeper_needed", **dict.fromkeys(KEEPERS, "ok")), state=State.SCHEDULED
        ),
        (_event, "over"): Row(
            NOTICE, signed_in("keeper_needed", **dict.fromkeys(KEEPERS, "broadcast_over")), state=State.ENDED
        ),
        (_event, "no such broadcast"): Row({**NOTICE, "broadcast": "{id}"}, signed_in("broadcast_not_found")),
    }

MESSAGE = {"body": "c2VhbGVk", "key": 1, "kind": "text", "number": 1, "client_id": "{id}"}
SENT = {"message": "{message}", "client_id": "{id}"}
KEY = {"device": "0123456789abcdef", "round": 2, "step": "hello", "client_id": "{id}"}
# A talk that is open, between two others: it is like none, for whoever asks, in whichever role.
MATRIX |= {
    ("subscribe", "to a conversation of others"): Row({"channel": "conversation:{talk}"}, signed_in("not_found")),
    ("message", "between others"): Row({**MESSAGE, "conversation": "{talk}"}, signed_in("talk_not_found")),
    ("message", "no such talk"): Row({**MESSAGE, "conversation": "{id}"}, signed_in("talk_not_found")),
    ("message.recall", "between others"): Row(SENT, signed_in("message_not_found")),
    ("message.recall", "no such message"): Row({**SENT, "message": "{id}"}, signed_in("message_not_found")),
    ("message.read", "between others"): Row({"conversation": "{talk}", "offset": 1}, signed_in("talk_not_found")),
    ("typing", "between others"): Row({"conversation": "{talk}"}, signed_in("talk_not_found")),
    ("talk.key", "between others"): Row({**KEY, "conversation": "{talk}"}, signed_in("talk_not_found")),
    ("talk.key", "no such talk"): Row({**KEY, "conversation": "{id}"}, signed_in("talk_not_found")),
}

# What one does with it, everybody else can still do.
FOR_ONESELF = {
    "subscribe", "unsubscribe", "watch", "comment", "comment.report", "react", "poll.vote", "roll_call.answer",
    "question", "question.vote", "question.reply", "shake",
}  # fmt: skip
# What is asked of one member alone.
OWN = {"replay.answer", "shake.accept", "shake.decline"}

LISTENERS = tuple(role for role in ROLES if role not in ("visitor", "employee"))
# Who hears it of a broadcast for members.
HEARD: dict[str, tuple[str, ...]] = {"entries": LISTENERS, "signals": LISTENERS, "resync": LISTENERS}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path, {"HONGBO_ALLOW_PUBLIC": "on"}) as house:
        yield house


async def filled(house: House, row: Row, role: str) -> dict[str, Any]:
    """The payload, with things made for it."""
    text = json.dumps(row.payload).replace("{id}", new_id())
    if "{broadcast}" in text:
        broadcast = await house.fresh_broadcast(visibility=row.visibility, state=row.state)
        text = text.replace("{broadcast}", broadcast.id)
    if "{comment}" in text:
        broadcast = await house.fresh_broadcast(visibility=row.visibility, state=row.state)
        said = await house.app[COMMENTS].post(await house.stranger(), broadcast.id, "大家好", client_id=new_id())
        text = text.replace("{comment}", said.id)
    if "{draft}" in text or "{poll}" in text:
        broadcast = await house.fresh_broadcast(visibility=row.visibility, state=row.state)
        host, polls = house.members["host"], house.app[POLLS]
        poll = await polls.prepare(host, broadcast.id, planned("几点？", ["上午", "下午"]))
        if "{poll}" in text:
            await polls.open(host, poll.id)
        text = text.replace("{draft}", poll.id).replace("{poll}", poll.id)
    if "{roll_call}" in text:
        broadcast = await house.fresh_broadcast(visibility=row.visibility, state=row.state)
        called = await house.app[ROLL_CALLS].open(house.members["host"], broadcast.id, client_id=new_id())
        text = text.replace("{roll_call}", called.id)
    if "{prompt}" in text:
        broadcast = await house.fresh_broadcast(visibility=row.visibility, state=row.state)
        prompted = house.members.get(role) or await house.stranger()
        text = text.replace("{prompt}", await open_prompt(house.app[DATABASE], broadcast.id, prompted.id))
    if "{announced}" in text:
        text = text.replace("{announced}", await house.fresh_shake())
    if "{shake}" in text:
        talker, rounds = house.members["committee_deputy_secretary"], house.app[ROUNDS]
        opened = await announced(house.app, house.members["committee_secretary"], talker.id)
        made = await rounds.prepare(talker, opened, "0" * 64)
        await rounds.open(talker, opened, made.number)
        text = text.replace("{shake}", opened)
    if "{offer}" in text:
        own = house.members[role].id if role in house.members else await house.fresh_member()
        text = text.replace("{offer}", await house.fresh_offer(own))
    if "{question}" in text or "{reply}" in text:
        broadcast = await house.fresh_broadcast(visibility=row.visibility, state=row.state)
        asker, questions = await house.stranger(), house.app[QUESTIONS]
        asked = await questions.ask(asker, broadcast.id, "有直播回看吗？", client_id=new_id())
        reply = await questions.reply(asker, asked.id, "有的", client_id=new_id())
        text = text.replace("{question}", asked.id).replace("{reply}", reply.id)
    if "{talk}" in text:
        text = text.replace("{talk}", await house.fresh_talk())
    if "{message}" in text:
        text = text.replace("{message}", await house.fresh_message())
    if "{notice}" in text:
        broadcast = await house.fresh_broadcast(visibility=row.visibility, state=row.state)
        notice = await house.app[NOTICES].say(
            house.members["host"], broadcast.id, NoticeKind.PINNED, "请大家打开声音", client_id=new_id()
        )
        text = text.replace("{notice}", notice.id)
    payload: dict[str, Any] = json.loads(text)
    return payload


def test_every_event_has_a_row() -> None:
    assert {event for event, _ in MATRIX} == set(ASKED), "an event without a row, or a row without an event"


@pytest.mark.parametrize("roles", [ROLES[start::2] for start in range(2)], ids=str)
async def test_every_role_gets_what_the_rows_say(house: House, roles: tuple[str, ...]) -> None:
    """Things are made anew after whoever could do what the next could not do again."""
    wrong: list[str] = []
    payloads: dict[tuple[str, str], dict[str, Any]] = {}
    for role in roles:
        async with await house.visit(role) as visit:
            for (event, case), row in MATRIX.items():
                payload = payloads.get((event, case)) or await filled(house, row, role)
                payloads[event, case] = payload
                answer = await visit.call(event, payload)
                got = "ok" if answer["ok"] else answer["error"]["code"]
                if event in OWN or (answer["ok"] and event not in FOR_ONESELF):
                    del payloads[event, case]
                if got != row.answer(role):
                    wrong.append(f"{role}: {event} ({case}): {got}, not {row.answer(role)}")
    assert not wrong, "\n".join(wrong)


async def test_every_event_told_has_a_row_and_is_heard_by_those_alone_whom_it_names(house: House) -> None:
    assert set(HEARD) == set(TOLD), "an event without a row, or a row without an event"
    channel = channel_of((await house.fresh_broadcast(visibility=MEMBERS, state=State.LIVE)).id)
    hub = house.app[HUB]
    async with AsyncExitStack() as stack:
        visits = {role: await stack.enter_async_context(await house.visit(role)) for role in ROLES}
        for visit in visits.values():
            await visit.call("subscribe", {"channel": channel})
        assert (await visits["host"].say(channel.partition(":")[2], "大家好"))["ok"]
        hub.signal(channel, viewers=10)
        listening = [visits[role] for role in LISTENERS]
        await until(lambda: all({"entries", "signals"} <= visit.told for visit in listening), what="entries and signals")
        await hub._renew(channel)
        await until(lambda: all("resync" in visit.told for visit in listening), what="the end of the history")
        for visit in visits.values():
            await visit.call("unsubscribe", {"channel": channel})  # whatever was sent before is here when this is answered
        heard = {event: tuple(role for role in ROLES if event in visits[role].told) for event in TOLD}
    assert heard == HEARD


async def test_a_public_broadcast_is_no_visitors_where_public_broadcasts_are_off(tmp_path: Path) -> None:
    async with running_house(tmp_path, {"HONGBO_ALLOW_PUBLIC": "on"}) as open_house:
        broadcast = await open_house.fresh_broadcast(visibility=PUBLIC, state=State.LIVE)
    async with running_house(tmp_path) as house, await house.visit("visitor") as visitor:
        answer = await visitor.subscribe(broadcast.id)
        assert answer["error"]["code"] == "sign_in_needed"
        async with await house.visit("employee") as employee:
            assert (await employee.subscribe(broadcast.id))["ok"]
