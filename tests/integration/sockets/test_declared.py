"""The models in the document are the truth of what is sent. Every other test that visits a room holds to them too."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from server.app import document
from server.broadcasts import channel_of
from server.core.fanout import HUB
from server.core.ids import new_id
from server.identity import Role
from server.shake import ROUNDS
from tests.integration.broadcasts.site import Person, Site
from tests.integration.comments.test_room import on_air
from tests.integration.sockets.test_snapshots import member_of
from tests.support.declared import ASKED, TOLD, check_answer, check_told
from tests.support.engine import asked, heard, member_wire, wire
from tests.support.replays import open_prompt
from tests.support.shaken.offered import announced, offer_to
from tests.support.talking import open_talk
from tests.support.wait import until

Told = list[tuple[str, Any]]


def events_in(packets: list[str]) -> Told:
    """The events of the server's own, each checked."""
    found: Told = []
    for packet in packets:
        if packet.startswith("42"):
            name, payload = json.loads(packet[2:])
            check_told(name, payload)
            found.append((name, payload))
    return found


async def happen(site: Site, host: Person, broadcast: str) -> list[str]:
    """Everything a room can be told: comments plain and with all their fields, a poll, a change, signals, the end of a
    history."""
    hub = site.server.app[HUB]
    client, auth = await member_wire(site, host)
    async with client.talking(auth) as speaker:
        said = await asked(speaker, 1, "comment", {"broadcast": broadcast, "text": "大家好", "client_id": new_id()})
        more = {"reply_to": said["id"], "media_at": "2026-07-01T06:40:00.5Z"}
        comment = {"broadcast": broadcast, "text": "主播好", "client_id": new_id(), **more}
        assert (await asked(speaker, 2, "comment", comment))["ok"]
        question = {"broadcast": broadcast, "question": "几点？", "options": ["上午", "下午"], "client_id": new_id()}
        poll = {"poll": (await asked(speaker, 3, "poll.open", question))["poll"], "client_id": new_id()}
        assert (await asked(speaker, 4, "poll.close", poll))["ok"]
    assert (await host.send("PATCH", f"/api/v1/broadcasts/{broadcast}", {"title": "新的题目"})).status == 200
    hub.signal(channel_of(broadcast), viewers=315, reactions={"heart": 7})
    return ["comment.posted", "comment.posted", "poll.opened", "poll.closed", "broadcast.changed"]


@pytest.mark.parametrize("transport", ["polling", "websocket"])
async def test_all_that_is_told_fits_its_model_and_every_model_is_told(site: Site, transport: str) -> None:
    host, viewer = await site.host(), await site.person()
    broadcast = await on_air(site, host)
    channel = channel_of(broadcast)
    client, auth = await member_wire(site, viewer)
    subscribe = f'421["subscribe",{json.dumps({"channel": channel})}]'
    told: Told = []

    def entries() -> list[Any]:
        return [entry for name, payload in told if name == "entries" for entry in payload["entries"]]

    if transport == "polling":
        sid = await client.connected(auth)
        await client.post(sid, subscribe)
        assert (await client.poll(sid)).packets[0].startswith("431[")
    else:
        socket = await site.stack.enter_async_context(client.talking(auth))
        assert (await asked(socket, 1, "subscribe", {"channel": channel}))["ok"]

    async def listen() -> None:
        packets = (await client.poll(sid)).packets if transport == "polling" else [await heard(socket)]
        assert packets != ["closed"]
        told.extend(events_in(packets))

    types = await happen(site, host, broadcast)
    while len(entries()) < len(types) or "signals" not in dict(told):
        await listen()
    await site.server.app[HUB]._renew(channel)
    while "resync" not in dict(told):
        await listen()
    assert [entry["type"] for entry in entries()] == types
    assert [set(entry) - {"offset", "type", "at", "data"} for entry in entries()] == [
        *[{"by", "media_at"}] * 3,
        {"media_at"},
        set(),
    ]
    assert {name for name, _ in told} == set(TOLD), "declared and not told, or told by nothing in this test"


async def test_all_that_is_answered_fits_its_model(site: Site) -> None:
    """`asked` checks each."""
    host = await site.host()
    broadcast = await on_air(site, host)
    channel = channel_of(broadcast)
    client, auth = await member_wire(site, host)
    comment = {"broadcast": broadcast, "text": "你好", "client_id": new_id()}
    good: dict[str, Any] = {"subscribe": {"channel": channel}, "comment": comment, "unsubscribe": {"channel": channel}}
    question = {"broadcast": broadcast, "question": "几点？", "options": ["上午", "下午"], "client_id": new_id()}
    good["poll.open"] = question
    later = {
        "replay.answer",
        "roll_call.answer",
        "roll_call.close",
        "comment.remove",
        "comment.report",
        "poll.vote",
        "poll.close",
        "poll.remove",
        "notice.unpin",
    }
    later |= {name for name in ASKED if name.startswith(("question", "message", "typing", "talk.", "shake"))}
    notice = {"broadcast": broadcast, "text": "请大家打开声音"}
    good |= {
        "roll_call.open": {"broadcast": broadcast, "client_id": new_id()},
        "watch": {"broadcast": broadcast, "media_at": "2026-07-01T06:40:00.5Z", "playing": True, "visible": True},
        "react": {"broadcast": broadcast, "kind": "flower", "count": 2, "client_id": new_id()},
        "notice.pin": {**notice, "client_id": new_id()},
        "notice.announce": {**notice, "client_id": new_id()},
    }
    assert {*good, *later} == set(ASKED), "this test asks for every declared event"
    async with client.talking(auth) as socket, wire(site).talking() as visitor:
        answers = {name: await asked(socket, 1, name, payload) for name, payload in good.items()}
        assert all(answer["ok"] for answer in answers.values())
        fresh = answers["subscribe"]

        async def recovered() -> Any:
            position = {"epoch": fresh["epoch"], "after": fresh["head"]}
            return (await asked(socket, 2, "subscribe", {"channel": channel, **position}))["entries"]

        assert await until(recovered, what="the entry, once the ring has it")
        removal = {"comment": answers["comment"]["id"], "client_id": new_id()}
        report = {**removal, "reason": "other", "words": "说不清"}
        assert (await asked(socket, 3, "comment.report", report))["error"]["code"] == "own_words"
        assert (await asked(socket, 3, "comment.remove", removal))["ok"]
        poll = {"poll": answers["poll.open"]["poll"], "client_id": new_id()}
        vote = {**poll, "options": [0]}
        for number, (event, payload) in enumerate([("poll.vote", vote), ("poll.close", poll), ("poll.remove", poll)], 4):
            assert (await asked(socket, number, event, payload))["ok"]
        here = {"roll_call": answers["roll_call.open"]["roll_call"], "client_id": new_id()}
        assert (await asked(socket, 7, "roll_call.answer", here))["ok"]
        assert (await asked(socket, 8, "roll_call.close", here))["ok"]
        prompted = {"prompt": await open_prompt(site.database, broadcast, host.id), "client_id": new_id()}
        assert (await asked(socket, 9, "replay.answer", prompted))["ok"]
        asked_for = await _all_of_questions(socket, broadcast)
        assert {name for name, _ in asked_for} == {name for name in ASKED if name.startswith("question")}
        asked_for += await _all_of_a_talk(site, socket, host)
        shaken = await _all_of_shakes(site)
        assert {name for name, _ in shaken} == {name for name in ASKED if name.startswith("shake")}
        unpinned = {"notice": answers["notice.pin"]["id"], "client_id": new_id()}
        assert (await asked(socket, 3, "notice.unpin", unpinned))["ok"]
        refused = [
            *asked_for,
            *shaken,
            ("subscribe", {"channel": 5}),
            ("subscribe", good["subscribe"]),
            ("comment", comment),
            ("comment.remove", removal),
            ("comment.report", report),
            ("roll_call.open", good["roll_call.open"]),
            ("roll_call.answer", here),
            ("roll_call.close", here),
            ("replay.answer", prompted),
            ("poll.open", question),
            ("poll.vote", vote),
            ("poll.close", poll),
            ("poll.remove", poll),
            ("dance", {}),
        ]
        for name, payload in refused:
            assert (await asked(visitor, 3, name, payload))["ok"] is False


async def _all_of_questions(socket: Any, broadcast: str) -> list[tuple[str, Any]]:
    """Every event of questions, once, and answered; gives what was sent."""
    ask = {"broadcast": broadcast, "text": "有回看吗？", "client_id": new_id()}
    question = (await asked(socket, 4, "question", ask))["id"]
    answer = {"question": question, "text": "有的", "client_id": new_id()}
    reply = (await asked(socket, 4, "question.reply", answer))["id"]
    sent: list[tuple[str, Any]] = [
        ("question.pin", {"question": question, "pinned": True}),
        ("question.mark", {"question": question, "state": "answering", "media_at": "2026-07-01T06:40:00.5Z"}),
        ("question.adopt", {"question": question, "reply": reply}),
        ("question.reply.remove", {"reply": reply}),
        ("question.remove", {"question": question, "reason": "重复"}),
    ]
    vote = {"question": question, "up": True}
    assert (await asked(socket, 4, "question.vote", vote))["error"]["code"] == "own_question"
    for name, payload in sent:
        assert (await asked(socket, 4, name, payload))["ok"], name
    return [("question", ask), ("question.vote", vote), ("question.reply", answer), *sent]


async def _all_of_a_talk(site: Site, socket: Any, member: Person) -> list[tuple[str, Any]]:
    """Every event of a talk, once, and answered; gives what was sent."""
    other = await site.person(name="封书瑶")
    one, two = [await member_of(site, each) for each in (member, other)]
    talk = await open_talk(site.server.app, one, two)
    message = {"conversation": talk, "body": "c2VhbGVk", "key": 1, "kind": "text", "number": 1, "client_id": new_id()}
    sent = await asked(socket, 5, "message", message)
    assert sent["ok"], sent
    rest: list[tuple[str, Any]] = [
        ("message.read", {"conversation": talk, "offset": sent["offset"]}),
        ("message.recall", {"message": sent["id"], "client_id": new_id()}),
        ("typing", {"conversation": talk}),
        (
            "talk.key",
            {"conversation": talk, "device": "0" * 16, "round": 2, "step": "hello", "data": "", "client_id": new_id()},
        ),
    ]
    for name, payload in rest:
        assert (await asked(socket, 5, name, payload))["ok"], name
    return [("message", message), *rest]


async def _all_of_shakes(site: Site) -> list[tuple[str, Any]]:
    """Every event of sessions, once, and answered; gives what was sent."""
    app = site.server.app
    owner, secretary, drawn = [await site.person(Role.COMMITTEE_SECRETARY) for _ in range(3)]
    keeper, talker = [await member_of(site, each) for each in (owner, secretary)]
    opened = await announced(app, keeper, secretary.id)
    prepared = await app[ROUNDS].prepare(talker, opened, "0" * 64)
    client, auth = await member_wire(site, secretary)
    async with client.talking(auth) as theirs:
        told = await asked(theirs, 1, "shake", {"shake": opened, "client_id": new_id()})
    assert (told["round"], told["opened"]) == (prepared.number, True)
    sent: list[tuple[str, Any]] = [("shake", {"shake": opened, "client_id": new_id(), "nonce": "0123456789abcdef"})]
    client, auth = await member_wire(site, drawn)
    async with client.talking(auth) as socket:
        assert (await asked(socket, 1, *sent[0]))["nonce"] == "0123456789abcdef"
        for event in ("shake.decline", "shake.accept"):
            draw = await offer_to(app, keeper, secretary.id, (await site.person()).id, drawn.id)
            sent.append((event, {"draw": draw, "client_id": new_id()}))
            assert (await asked(socket, 2, *sent[-1]))["ok"], event
    return sent


async def test_entries_read_over_http_are_those_of_the_socket(site: Site) -> None:
    host = await site.host()
    broadcast = await on_air(site, host)
    client, auth = await member_wire(site, await site.person())
    async with client.talking(auth) as socket:
        comment = {"broadcast": broadcast, "text": "你好", "client_id": new_id()}
        assert (await asked(socket, 1, "comment", comment))["ok"]
        joined = await asked(socket, 2, "subscribe", {"channel": channel_of(broadcast)})
    page = await host.get(f"/api/v1/broadcasts/{broadcast}/comments")
    assert page.body["items"] == joined["snapshot"]["comments"]["latest"]


def test_what_is_not_declared_or_not_as_declared_is_noticed() -> None:
    entry = {"offset": 1, "type": "comment.posted", "at": "2026-07-01T06:40:00.000Z", "data": {}}
    batch = {"channel": "broadcast:x", "epoch": "e", "first": 1}
    check_told("entries", {**batch, "entries": [entry]})
    for wrong in (
        [],
        [{**entry, "more": 1}],
        [{**entry, "by": None}],
        [{**entry, "at": "2026-07-01"}],
        [{**entry, "offset": "1"}],
    ):
        with pytest.raises((ValidationError, AssertionError)):
            check_told("entries", {**batch, "entries": wrong})
    with pytest.raises(AssertionError):
        check_told("filler", {})
    with pytest.raises(AssertionError):
        check_answer("unsubscribe", {"ok": True, "more": 1})


def test_the_document_tells_every_event_its_direction_and_its_models() -> None:
    described = document()
    events, schemas = described["x-socket-events"], described["components"]["schemas"]
    assert {name for name, event in events.items() if event["direction"] == "server to client"} == set(TOLD)
    assert {name for name, event in events.items() if event["direction"] == "client to server"} == set(ASKED)
    for name, event in events.items():
        models = [event[part]["$ref"] for part in ("payload", "acknowledgement", "refusal") if part in event]
        assert all(model.removeprefix("#/components/schemas/") in schemas for model in models), name
        assert ("refusal" in event) == (name in ASKED)
    # Clients ignore what is added later; the server refuses what it does not know (docs/protocol.md, section 12).
    assert "additionalProperties" not in schemas["EntryOut"]
    assert schemas["SubscribeIn"]["additionalProperties"] is False
