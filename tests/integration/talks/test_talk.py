"""A talk from its beginning to what is left of it, over real sockets, on both databases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from server.app import AUDIT, JOURNAL
from server.conversations import CONVERSATIONS
from server.core.clock import Clock
from server.core.errors import Conflict
from server.core.ids import new_id
from server.identity import Role
from server.points import LEDGER
from server.talks import TALKS, Talks, TalkState
from tests.integration.broadcasts.site import Person, Site
from tests.integration.sockets.test_snapshots import member_of
from tests.support.clock import ManualClock
from tests.support.talking import Page, agree_on_keys, begin_talk, page_of, random_body, state_of
from tests.support.wait import until


@asynccontextmanager
async def two_pages(site: Site, *, minutes: int = 15) -> AsyncIterator[tuple[Page, Page]]:
    """The secretary's and the member's; they have not said hello yet."""
    secretary = await site.person(Role.COMMITTEE_SECRETARY, name="苏映川")
    member = await site.person(name="封书瑶")
    talk = await begin_talk(site.server.app, secretary.id, member.id, minutes=minutes)
    async with page_of(site, secretary, talk) as first, page_of(site, member, talk) as second:
        yield first, second


def by_the_clock(site: Site, clock: Clock) -> Talks:
    """As another process has them, with a clock of the test's."""
    app = site.server.app
    return Talks(site.database, app[JOURNAL], app[CONVERSATIONS], app[LEDGER], app[AUDIT], clock)


def ahead(**more: float) -> ManualClock:
    return ManualClock(datetime.now(UTC) + timedelta(**more))


async def credits_of(person: Person) -> list[Any]:
    return [each for each in (await person.get("/api/v1/me/points")).body["items"] if each["indicator"] == "D05"]


async def test_two_pages_agree_talk_and_end(either: Site) -> None:
    async with two_pages(either) as (secretary, member):
        assert (await secretary.look())["state"] == "waiting"
        assert (await secretary.send())["error"]["code"] == "talk_not_open"
        await agree_on_keys(secretary, member)
        opened = (await member.hears("talk.opened"))["data"]
        assert opened["state"] == "open"
        told = [each["data"] for each in member.heard("talk.key")]
        assert [(each["side"], each["step"]) for each in told] == [
            ("secretary", "hello"), ("member", "hello"), ("secretary", "commit"), ("member", "reveal_second"),
            ("secretary", "reveal_first"), ("member", "confirmed"), ("secretary", "confirmed"),
        ]  # fmt: skip
        body = random_body()
        sent = await secretary.send(body)
        assert sent["ok"], sent
        posted = await member.hears("message.posted")
        assert posted["offset"] == sent["offset"]
        assert posted["by"] == {"id": secretary.person.id, "name": "苏映川"}
        assert posted["data"] == {
            "id": sent["id"], "side": "secretary", "device": secretary.device, "key": 1, "kind": "text", "number": 2,
            "size": len(body), "body": body,
        }  # fmt: skip
        assert (await member.visit.call("message.read", {"conversation": member.talk, "offset": sent["offset"]}))["ok"]
        assert (await secretary.hears("message.read"))["data"] == {"side": "member", "offset": sent["offset"]}
        ended = await member.act("end")
        assert (ended.body["state"], ended.body["reason"]) == ("ended", "member")
        await secretary.hears("talk.ended")
        assert (await member.send())["error"]["code"] == "talk_ended"
        assert (await member.step("hello", number=2))["error"]["code"] == "talk_ended"
        snapshot = await state_of(either.server.app, f"conversation:{member.talk}")
        assert [each["data"]["body"] for each in snapshot["messages"]["latest"]] == [body], "it stays to be read"
        assert await credits_of(member.person) == [], "it was shorter than a minute"


async def test_that_somebody_has_read_is_nothing_to_be_read(either: Site) -> None:
    """Or a page could make the journal grow for ever by reading what it has just been told: that it has read."""
    async with two_pages(either) as (secretary, member):
        await agree_on_keys(secretary, member)
        sent = [await secretary.send() for _ in range(2)]
        for _ in range(3):
            read = await member.visit.call("message.read", {"conversation": member.talk, "offset": 2**53})
            assert read["offset"] == sent[-1]["offset"]
        assert (await member.send())["ok"]
        await secretary.hears("message.posted", 3)
        told = [each["data"] for each in secretary.heard("message.read")]
        assert told == [{"side": "member", "offset": sent[-1]["offset"]}]


async def test_nothing_is_taken_before_both_have_agreed_on_keys(site: Site) -> None:
    async with two_pages(site) as (secretary, member):
        assert (await secretary.send())["error"]["code"] == "talk_not_open"
        assert (await secretary.hand_in(b"sealed")).code == "talk_not_open"
        typing = await secretary.visit.call("typing", {"conversation": secretary.talk})
        assert typing["error"]["code"] == "talk_not_open"
        assert (await secretary.act("extend", {"agree": True})).code == "talk_not_open"
        await agree_on_keys(secretary, member)
        assert (await secretary.send())["ok"]


async def test_the_same_client_id_is_the_same_message_and_another_content_is_refused(either: Site) -> None:
    async with two_pages(either) as (secretary, member):
        await agree_on_keys(secretary, member)
        again: dict[str, Any] = {"client_id": new_id(), "number": 1}
        body = random_body()
        first = await secretary.send(body, **again)
        assert await secretary.send(body, **again) == first
        assert (await secretary.send(**again))["error"]["code"] == "client_id_reused"
        assert (await secretary.send(body, **again, key=2))["error"]["code"] == "client_id_reused"
        step: dict[str, Any] = {"client_id": new_id(), "data": "abc"}
        hello = await member.step("hello", number=2, **step)
        assert await member.step("hello", number=2, **step) == hello
        assert (await member.step("hello", number=2, **(step | {"data": "abd"})))["error"]["code"] == "client_id_reused"


async def test_a_new_device_takes_over_and_old_keys_are_refused(site: Site) -> None:
    async with two_pages(site) as (secretary, member), page_of(site, member.person, member.talk) as phone:
        await agree_on_keys(secretary, member)
        original = await member.send()
        assert (await phone.step("hello", number=2))["side"] == "member"
        assert (await secretary.send())["error"]["code"] == "key_round_over"
        secretary.key = 2
        assert (await secretary.send())["error"]["code"] == "keys_not_agreed"
        assert (await member.step("confirmed", number=1))["error"]["code"] == "key_round_over"
        assert (await secretary.step("hello", number=2))["ok"]
        assert (await member.step("commit", number=2))["error"]["code"] == "key_device"
        for page, step in ((phone, "commit"), (secretary, "reveal_second"), (phone, "reveal_first")):
            assert (await page.step(step, number=2))["ok"]
        copy = await secretary.send(kind="history", of=original["id"])
        assert copy["ok"]
        posted = await phone.hears("message.posted", 2)
        assert (posted["data"]["of"], posted["data"]["device"]) == (original["id"], secretary.device)
        phone.key = 2
        assert (await phone.send())["ok"]
        fresh = await state_of(site.server.app, f"conversation:{phone.talk}")
        assert (fresh["keys"]["round"], len(fresh["keys"]["steps"])) == (2, 5)
        assert (await phone.look())["state"] == "open", "its time did not begin again"


async def test_a_recall_leaves_neither_message_nor_copy_nor_file(either: Site) -> None:
    async with two_pages(either) as (secretary, member):
        await agree_on_keys(secretary, member)
        blob = (await secretary.hand_in(b"sealed picture")).body["id"]
        sent = await secretary.send(kind="picture", blob=blob)
        copy = await member.send(kind="history", of=sent["id"])
        assert sent["ok"]
        assert copy["ok"]
        assert (await member.recall(sent["id"]))["error"]["code"] == "not_yours"
        assert (await member.recall(copy["id"]))["error"]["code"] == "message_not_found"
        for _ in range(2):
            assert (await secretary.recall(sent["id"]))["ok"]
        await member.hears("message.recalled", 2)
        path = f"/api/v1/conversations/{member.talk}"
        assert (await member.person.get(f"{path}/blobs/{blob}")).status == 404
        file = either.data_dir / "talk-files" / f"{blob}.sealed"
        await until(lambda: not file.exists(), what="the file, gone")
        fresh = await state_of(either.server.app, f"conversation:{member.talk}")
        page = (await member.person.get(f"{path}/messages")).body
        assert fresh["messages"]["latest"] == page["items"]
        assert [each["data"].get("recalled") for each in page["items"]] == [True, True]
        assert all("body" not in each["data"] and "by" not in each for each in page["items"])
        assert (await member.send(kind="history", of=sent["id"]))["error"]["code"] == "message_not_found"


async def test_two_minutes_after_it_was_sent_a_message_stays(site: Site) -> None:
    async with two_pages(site) as (secretary, member):
        await agree_on_keys(secretary, member)
        sent = await secretary.send()
        service = site.server.app[CONVERSATIONS]
        service._clock = ahead(minutes=2, seconds=1)
        with pytest.raises(Conflict, match="recall_too_late"):
            await service.recall(await member_of(site, secretary.person), sent["id"])


async def test_pictures_and_voices_go_from_one_to_the_other_sealed(either: Site) -> None:
    async with two_pages(either) as (secretary, member):
        await agree_on_keys(secretary, member)
        path = f"/api/v1/conversations/{member.talk}/blobs"
        content = b"\x00sealed\xff" * 10_000
        made = await secretary.hand_in(content)
        assert (made.status, made.body["size"]) == (201, len(content))
        blob = made.body["id"]
        assert (await member.person.get(f"{path}/{blob}")).status == 404, "not before it was sent"
        assert (await secretary.person.get(f"{path}/{blob}")).raw == content
        for kind, of in (("voice", secretary), ("picture", member)):
            assert (await of.send(kind=kind, blob=blob))["error"]["code"] == "attachment_not_found"
        assert (await secretary.send(kind="picture", blob=blob))["ok"]
        assert (await secretary.send(kind="picture", blob=blob))["error"]["code"] == "attachment_not_found", "once"
        got = await member.person.get(f"{path}/{blob}")
        assert (got.raw, got.headers["Content-Type"]) == (content, "application/octet-stream")
        assert "no-store" in got.headers["Cache-Control"]
        assert (await secretary.send(blob=blob))["error"]["code"] == "message_invalid"
        assert (await secretary.hand_in(b"")).code == "file_empty"
        for kind, most in (("picture", 2 * 1024 * 1024), ("voice", 2 * 1024 * 1024)):
            assert (await secretary.hand_in(bytes(most + 1), kind)).code == "file_too_large"
            assert (await secretary.hand_in(bytes(most), kind)).status == 201
        modes = {oct(each.stat().st_mode & 0o777) for each in (either.data_dir / "talk-files").iterdir()}
        assert modes == {"0o600"}


async def test_who_sends_without_pause_is_stopped_for_a_while(site: Site) -> None:
    async with two_pages(site) as (secretary, member):
        await agree_on_keys(secretary, member)
        answers = [await secretary.send() for _ in range(31)]
        assert [each["ok"] for each in answers] == [True] * 30 + [False]
        assert answers[-1]["error"]["code"] == "too_fast"
        assert (await member.send())["ok"], "the other is not stopped by it"


async def test_writing_is_shown_to_the_other_for_a_moment(either: Site) -> None:
    async with two_pages(either) as (secretary, member):
        await agree_on_keys(secretary, member)
        assert (await secretary.visit.call("typing", {"conversation": secretary.talk}))["ok"]

        def shown() -> Any:
            return next((each["typing"] for each in reversed(member.visit.signals) if "typing" in each), None)

        await until(lambda: shown() == {"secretary": True, "member": False}, what="that somebody writes")
        await until(lambda: shown() == {"secretary": False, "member": False}, what="that nobody writes any more")


async def test_ten_minutes_more_are_asked_for_and_agreed_to(site: Site) -> None:
    async with two_pages(site) as (secretary, member):
        await agree_on_keys(secretary, member)
        before = datetime.fromisoformat((await member.look())["ends_at"])
        assert (await member.act("extend", {"agree": True})).body["extension"]["asked_by"] == "member"
        assert (await secretary.hears("talk.extension_asked"))["data"]["extension"]["asked_by"] == "member"
        assert (await secretary.act("extend", {"agree": False})).body["extension"]["asked_by"] is None
        await member.hears("talk.extension_declined")
        for page in (member, secretary):
            assert (await page.act("extend", {"agree": True})).status == 200
        told = (await member.hears("talk.extended"))["data"]
        assert datetime.fromisoformat(told["ends_at"]) == before + timedelta(minutes=10)
        service = site.server.app[CONVERSATIONS]
        service._clock = ManualClock(before + timedelta(minutes=9))
        assert (await member.send())["ok"], "messages are taken up to the new end"
        service._clock = ManualClock(before + timedelta(minutes=10, milliseconds=1))
        assert (await member.send())["error"]["code"] == "talk_ended"


async def test_time_ends_it_once_and_credits_the_member_once(either: Site) -> None:
    async with two_pages(either, minutes=5) as (secretary, member):
        await agree_on_keys(secretary, member)
        assert await by_the_clock(either, ahead(minutes=4)).look() != []
        for _ in range(2):
            assert await by_the_clock(either, ahead(minutes=5, seconds=1)).look() == []
        assert (await secretary.hears("talk.ended"))["data"]["reason"] == "time"
        assert len(secretary.heard("talk.ended")) == 1
        [credit] = await credits_of(member.person)
        assert (credit["amount"], credit["title"]) == (5, "书记聊一聊")
        assert await credits_of(secretary.person) == []


async def test_nobody_came_is_no_talk(either: Site) -> None:
    async with two_pages(either) as (secretary, member):
        assert (await secretary.step("hello"))["ok"]
        await by_the_clock(either, ahead(minutes=5, seconds=1)).look()
        assert (await member.hears("talk.ended"))["data"]["reason"] == "nobody_came"
        assert await credits_of(member.person) == []
        assert (await member.act("rating", {"stars": 5}, "PUT")).code == "talk_not_held"
        again = await begin_talk(either.server.app, secretary.person.id, member.person.id)
        assert again != member.talk, "both are free again"


async def test_nobody_is_in_two_talks_on_whichever_side(either: Site) -> None:
    app = either.server.app
    one, two, three, four = [(await either.person()).id for _ in range(4)]
    talk = await begin_talk(app, one, two)
    for secretary, member in ((one, three), (three, two), (two, three), (three, one)):
        with pytest.raises(Conflict, match="in_a_talk"):
            await begin_talk(app, secretary, member)
    async with either.database.transaction() as session:
        assert await app[TALKS].busy(session, [one, two, three]) == {one, two}
        with pytest.raises(Conflict, match="in_a_talk"):
            await app[TALKS].begin(session, secretary_id=three, member_id=two, minutes=15, source="x")
        other = await app[TALKS].begin(session, secretary_id=three, member_id=four, minutes=15, source="y")
    assert other.state is TalkState.WAITING, "who was refused can go on in the same transaction"
    async with either.database.transaction() as session:
        again = await app[TALKS].begin(session, secretary_id=one, member_id=three, minutes=5, source="y")
    assert again == other, "what led to it leads to no second one"
    assert talk != other.id


async def test_both_hear_in_their_own_channel_that_they_are_in_a_talk_and_that_it_is_over(site: Site) -> None:
    async with two_pages(site) as (secretary, member):
        answer = await member.visit.call("subscribe", {"channel": f"member:{member.person.id}"})
        assert answer["snapshot"]["talk"]["open"] == {
            "id": member.talk,
            "side": "member",
            "with": {"id": secretary.person.id, "name": "苏映川"},
            "minutes": 15,
            "begun_at": (await member.look())["begun_at"],
        }
        assert (await secretary.act("end")).status == 200
        assert (await member.hears("talk.over"))["data"] == {"id": member.talk, "reason": "secretary"}
        assert (await state_of(site.server.app, f"member:{member.person.id}"))["talk"]["open"] is None


async def test_relays_are_handed_out_while_it_runs(site: Site) -> None:
    async with two_pages(site) as (secretary, member):
        path = f"/api/v1/talks/{member.talk}/ice"
        assert (await member.person.get(path)).body == {"ice_servers": []}
        await secretary.act("end")
        assert (await member.person.get(path)).code == "talk_ended"
