"""Several at the same moment, from several processes: each thing happens once, whoever comes first."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from server.app import DATABASE
from server.conversations import CONVERSATIONS
from server.conversations.model import Step, Taken
from server.core.errors import AppError
from server.core.ids import new_id
from server.identity import Role
from server.talks import TALKS, Talk
from tests.integration.broadcasts.site import Site, running_site
from tests.integration.sockets.test_snapshots import member_of
from tests.integration.talks.test_talk import ahead, by_the_clock, credits_of, two_pages
from tests.support.talking import (
    FIRST_STEPS,
    a_text,
    agree,
    agree_on_keys,
    begin_talk,
    new_device,
    page_of,
    random_body,
    said,
    state_of,
)
from tests.support.wait import until


@asynccontextmanager
async def two_processes(folder: Path, url: str) -> AsyncIterator[tuple[Site, Site]]:
    """Two web processes on one database and one folder."""
    other = {"RECORDINGS_DIR": str(folder / "others")}
    async with running_site(folder, {"DATABASE_URL": url}) as one, running_site(folder, {"DATABASE_URL": url, **other}) as two:
        yield one, two


async def together(*calls: Awaitable[Any]) -> list[Any]:
    """What each came to: its answer, or the code of its refusal."""
    done = await asyncio.gather(*calls, return_exceptions=True)
    for each in done:
        if isinstance(each, BaseException) and not isinstance(each, AppError):
            raise each
    return [each.code if isinstance(each, AppError) else each for each in done]


async def begun(site: Site, secretary: str, member: str, source: str) -> Talk:
    app = site.server.app
    async with app[DATABASE].transaction() as session:
        return await app[TALKS].begin(session, secretary_id=secretary, member_id=member, minutes=15, source=source)


@pytest.mark.postgres
async def test_a_talk_goes_on_over_two_processes(tmp_path: Path, postgres_url: str) -> None:
    async with two_processes(tmp_path, postgres_url) as (here, there):
        secretary, member = await here.person(Role.COMMITTEE_SECRETARY, name="苏映川"), await here.person(name="封书瑶")
        talk = await begin_talk(here.server.app, secretary.id, member.id)
        async with page_of(here, secretary, talk) as first, page_of(there, member, talk) as second:
            await agree_on_keys(first, second)
            await second.hears("talk.opened")
            for sender, hearer in ((first, second), (second, first)):
                body = random_body()
                sent = await sender.send(body)
                assert sent["ok"]
                await hearer.hears_body(body)
                assert (await sender.recall(sent["id"]))["ok"]
            await first.hears("message.recalled", 2)
            await first.visit.call("typing", {"conversation": talk})
            await until(
                lambda: any(each.get("typing", {}).get("secretary") for each in second.visit.signals),
                what="that somebody writes",
            )
            picture = b"sealed" * 1000
            blob = (await first.hand_in(picture)).body["id"]
            assert (await first.send(kind="picture", blob=blob))["ok"]
            assert (await first.act("erase")).status == 200
            await until(
                lambda: second.heard("talk.erased") or second.visit.resyncs, what="word of the erasure, at the other process"
            )
            await until(lambda: not list((tmp_path / "talk-files").iterdir()), what="the file, gone")
            shown = (await second.subscribe())["snapshot"]
            assert shown["messages"] == {"latest": []}


async def test_of_many_who_begin_a_talk_with_the_same_people_one_does(either: Site) -> None:
    people = [(await either.person()).id for _ in range(3)]
    pairs = [(0, 1), (1, 0), (0, 2), (2, 1), (1, 2), (2, 0)]
    done = await together(*[begun(either, people[one], people[two], f"draw {one} {two}") for one, two in pairs])
    talks = [each for each in done if isinstance(each, Talk)]
    assert len(talks) == 1
    assert set(done) - {talks[0]} == {"in_a_talk"}
    (talk,) = talks
    again = await together(*[begun(either, talk.secretary_id, talk.member_id, talk.source) for _ in range(5)])
    assert {each.id for each in again} == {talk.id}


async def test_of_many_accepts_of_one_draw_one_begins_the_talk(either: Site) -> None:
    one, two = [(await either.person()).id for _ in range(2)]
    done = await together(*[begun(either, one, two, "the same draw") for _ in range(6)])
    assert len({each.id for each in done}) == 1


async def test_of_many_ends_one_is_told_and_credited(either: Site) -> None:
    async with two_pages(either, minutes=5) as (secretary, member):
        await agree_on_keys(secretary, member)
        one, two = await member_of(either, secretary.person), await member_of(either, member.person)
        late = [by_the_clock(either, ahead(minutes=6)) for _ in range(4)]
        talk = member.talk
        await together(
            late[0].end(one, talk), late[1].end(two, talk), late[2].look(), late[3].look(), late[0].erase(two, talk),
            late[1].extend(one, talk, agree=True),
        )  # fmt: skip
        assert (await member.look())["state"] == "ended"
        assert len(await credits_of(member.person)) == 1
        async with either.database.reading() as session:
            assert await late[0].busy(session, [one.id, two.id]) == set()
        assert (await state_of(either.server.app, f"member:{member.person.id}"))["talk"]["open"] is None
        assert await credits_of(secretary.person) == []


async def test_of_many_recalls_one_takes_it_back(either: Site) -> None:
    async with two_pages(either) as (secretary, member):
        await agree_on_keys(secretary, member)
        sent = await secretary.send()
        one = await member_of(either, secretary.person)
        service = either.server.app[CONVERSATIONS]
        assert await together(*[service.recall(one, sent["id"]) for _ in range(5)]) == [None] * 5
        await member.hears("message.recalled")
        await member.visit.call("message.read", {"conversation": member.talk, "offset": sent["offset"]})
        await member.hears("message.read")
        assert len(member.heard("message.recalled")) == 1


async def test_the_same_message_sent_many_times_at_once_is_one(either: Site) -> None:
    async with two_pages(either) as (secretary, member):
        await agree_on_keys(secretary, member)
        one = await member_of(either, secretary.person)
        service, sealed, client_id = either.server.app[CONVERSATIONS], a_text(), new_id()
        done = await together(*[service.post(one, member.talk, sealed, client_id=client_id) for _ in range(5)])
        assert len({each.id for each in done}) == 1
        latest = (await state_of(either.server.app, f"conversation:{member.talk}"))["messages"]["latest"]
        assert len(latest) == 1


async def test_nothing_is_taken_after_an_end_that_came_at_the_same_moment(either: Site) -> None:
    """Whatever was acknowledged stands in front of the end."""
    async with two_pages(either) as (secretary, member):
        await agree_on_keys(secretary, member)
        one, two = await member_of(either, secretary.person), await member_of(either, member.person)
        service, talks, talk = either.server.app[CONVERSATIONS], either.server.app[TALKS], member.talk
        posts = [service.post(one, talk, a_text(), client_id=new_id()) for _ in range(8)]
        done = await together(*posts[:4], talks.end(two, talk), *posts[4:])
        taken = [each for each in done if not isinstance(each, str | Talk)]
        assert {each for each in done if isinstance(each, str)} <= {"talk_ended"}
        ended = await member.hears("talk.ended")
        assert all(each.offset < ended["offset"] for each in taken)


async def test_both_confirm_at_the_same_moment_and_it_opens_once(either: Site) -> None:
    async with two_pages(either) as (secretary, member):
        people = [await member_of(either, each.person) for each in (secretary, member)]
        devices = [new_device(), new_device()]
        keys = either.server.app[CONVERSATIONS].keys

        def step(which: int, name: str) -> Awaitable[Taken]:
            asked = Taken(1, Step(name), "", devices[which], 0)
            return keys.say(people[which], member.talk, asked, said(name), client_id=new_id())

        for which, name in FIRST_STEPS:
            await step(which, name)
        await together(step(0, "confirmed"), step(1, "confirmed"))
        await member.hears("talk.opened")
        await agree(either.server.app, member.talk, *people, number=2)
        await member.hears("talk.key", 14)
        assert len(member.heard("talk.opened")) == 1


async def test_both_pages_say_hello_at_the_same_moment_and_one_is_first(either: Site) -> None:
    async with two_pages(either) as (secretary, member):
        answers = await asyncio.gather(secretary.step("hello"), member.step("hello"))
        assert all(each["ok"] for each in answers)
        first, second = (secretary, member) if answers[0]["offset"] < answers[1]["offset"] else (member, secretary)
        assert (await second.step("commit"))["error"]["code"] == "key_step_out_of_order"
        assert (await first.step("commit"))["ok"]
