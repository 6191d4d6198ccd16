"""Polls as hosts and viewers meet them: over the socket and over HTTP."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from server.broadcasts import State
from server.core.ids import new_id
from server.identity import Role, Status
from server.polls import POLLS
from tests.integration.broadcasts.site import Person, Site, running_site
from tests.integration.comments.test_room import on_air, put, visit
from tests.support.room import Visit
from tests.support.wait import until

ASKED: dict[str, Any] = {"question": "主题党日放在哪天？", "options": ["周五下午", "周六上午", "都可以"]}


async def opened(host: Visit, broadcast: str, **more: Any) -> str:
    answer = await host.call("poll.open", {"broadcast": broadcast, "client_id": new_id(), **ASKED, **more})
    assert answer["ok"], answer
    poll: str = answer["poll"]
    return poll


async def vote(visitor: Visit, poll: str, *options: int, client_id: str | None = None) -> Any:
    return await visitor.call("poll.vote", {"poll": poll, "options": options, "client_id": client_id or new_id()})


async def close(host: Visit, poll: str) -> Any:
    return await host.call("poll.close", {"poll": poll, "client_id": new_id()})


async def listed(person: Person, broadcast: str) -> list[Any]:
    answer = await person.get(f"/api/v1/broadcasts/{broadcast}/polls")
    assert answer.status == 200, answer.body
    items: list[Any] = answer.body["items"]
    return items


def standing(visitor: Visit) -> Any:
    """How the poll stands, by the newest signal that tells it."""
    return next((each["poll"] for each in reversed(visitor.signals) if "poll" in each), {})


async def stands(visitor: Visit, expected: Any) -> None:
    await until(lambda: standing(visitor) == expected, what=f"{expected} told to the room")


async def closing(visitor: Visit) -> Any:
    """What the entry that closed the poll says."""
    await until(lambda: [each["type"] for each in visitor.entries][-1:] == ["poll.closed"], what="the close")
    return visitor.entries[-1]["data"]


async def test_a_poll_is_opened_voted_in_watched_and_closed(site: Site) -> None:
    host, viewer, late = await site.host(), await site.person(name="封书瑶"), await site.person()
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, viewer) as two, await visit(site, late) as three:
        for each in (one, two):
            await each.subscribe(broadcast)
        poll = await opened(one, broadcast)
        await until(lambda: two.entries, what="the opening")
        entry = two.entries[0]
        assert (entry["type"], entry["by"]["name"], entry["by"]["badge"]) == ("poll.opened", "闻小满", "host")
        assert entry["data"] == {
            "id": poll, **ASKED, "most": 1, "results": "always", "final": False, "closes_at": None,
        }  # fmt: skip
        assert await vote(two, poll, 1) == {"ok": True, "options": [1]}
        await stands(two, {"id": poll, "voters": 1, "counts": [0, 1, 0]})
        assert (await vote(two, poll, 0))["ok"], "a vote may be changed"
        assert (await vote(one, poll, 2))["ok"], "hosts vote too"
        await stands(two, {"id": poll, "voters": 2, "counts": [1, 0, 1]})

        # Whoever comes late sees the poll, and how it stands, at once.
        joined = await three.subscribe(broadcast)
        await until(lambda: poll in str([joined["snapshot"]["polls"], three.entries]), what="the poll")
        (seen,) = await listed(late, broadcast)
        assert (seen["state"], seen["counts"], seen["voters"], seen["voted"]) == ("open", [1, 0, 1], 2, False)
        (own,) = await listed(viewer, broadcast)
        assert (own["mine"], own["voted"]) == ([0], True)

        result = {"counts": [1, 0, 1], "voters": 2}
        assert await close(one, poll) == {"ok": True, **result}
        assert await close(one, poll) == {"ok": True, **result}, "the second time the answer is the same"
        for each in (one, two, three):
            assert await closing(each) == {"id": poll, **result, "closed_by": "host"}
        assert (await vote(three, poll, 1))["error"]["code"] == "poll_closed"
        (seen,) = await listed(late, broadcast)
        assert {**result, "state": "closed"}.items() <= seen.items()


async def test_the_same_vote_sent_again_counts_once_and_never_undoes_a_later_one(site: Site) -> None:
    host = await site.host()
    broadcast = await on_air(site, host)
    first, second = new_id(), new_id()
    async with await visit(site, host) as one:
        poll = await opened(one, broadcast)
        answer = await vote(one, poll, 0, client_id=first)
        assert (await vote(one, poll, 1, client_id=second))["ok"]
        assert await vote(one, poll, 0, client_id=first) == answer
        assert (await vote(one, poll, 2, client_id=first))["error"]["code"] == "client_id_reused"
        assert (await close(one, poll))["counts"] == [0, 1, 0]
        assert await vote(one, poll, 0, client_id=first) == answer, "also after the close"
        assert (await vote(one, poll, 2, client_id=first))["error"]["code"] == "client_id_reused"
        assert (await host.post(f"/api/v1/broadcasts/{broadcast}/end")).status == 200
        assert await vote(one, poll, 1, client_id=second) == {"ok": True, "options": [1]}, "also after the broadcast"
        assert (await vote(one, poll, 1))["error"]["code"] in ("poll_closed", "polls_closed")


async def test_who_chose_what_is_told_to_nobody_and_known_to_nobody_after_the_close(site: Site) -> None:
    host, viewer = await site.host(), await site.person(name="封书瑶")
    broadcast = await on_air(site, host)
    client_id = new_id()
    async with await visit(site, host) as one, await visit(site, viewer) as two:
        await one.subscribe(broadcast)
        poll = await opened(one, broadcast)
        assert (await vote(two, poll, 1, client_id=client_id))["ok"]
        await until(lambda: standing(one).get("voters") == 1, what="the total")
        assert (await close(one, poll))["ok"]
        await closing(one)
        assert viewer.id not in str([one.entries, one.signals, await listed(host, broadcast)])
    (own,) = await listed(viewer, broadcast)
    assert own["voted"] is True
    assert "mine" not in own
    async with site.database.reading() as session:
        for table in ("ballots", "poll_votes", "polls", "journal"):
            rows = str((await session.execute(text(f"SELECT * FROM {table}"))).all())  # noqa: S608
            assert client_id not in rows, "with it the digests would lead to the choice"
        assert (await session.execute(text("SELECT voter_id, choices FROM ballots"))).all() == [(viewer.id, None)]


async def test_how_it_stands_is_shown_when_the_poll_says_so(site: Site) -> None:
    host, voter, other = await site.host(), await site.person(), await site.person()
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, voter) as two:
        await two.subscribe(broadcast)
        for results, shown in (("voted", (True, False)), ("closed", (False, False))):
            poll = await opened(one, broadcast, results=results)
            assert (await vote(two, poll, 1))["ok"]
            await stands(two, {"id": poll, "voters": 1})  # how many have voted, and no more
            seen = [(await listed(person, broadcast))[-1] for person in (voter, other, host)]
            assert tuple("counts" in each for each in seen) == (*shown, True)
            assert (await close(one, poll))["counts"] == [0, 1, 0]
            assert (await listed(other, broadcast))[-1]["counts"] == [0, 1, 0]


async def test_several_choices_and_votes_that_are_final(site: Site) -> None:
    host = await site.host()
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one:
        poll = await opened(one, broadcast, most=2, final=True)
        assert (await vote(one, poll, 0, 1, 2))["error"]["code"] == "options_invalid"
        assert (await vote(one, poll, 0, 0))["error"]["code"] == "options_invalid"
        assert await vote(one, poll, 2, 0) == {"ok": True, "options": [0, 2]}
        assert (await vote(one, poll, 1))["error"]["code"] == "vote_final"
        assert await close(one, poll) == {"ok": True, "counts": [1, 0, 1], "voters": 1}


async def test_drafts_are_written_before_the_air_and_opened_with_one_press(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    broadcast = (await host.schedule())["id"]
    polls = f"/api/v1/broadcasts/{broadcast}/polls"
    made = await host.post(polls, {**ASKED, "seconds": 60}, headers={"Idempotency-Key": "k"})
    again = await host.post(polls, {**ASKED, "seconds": 60}, headers={"Idempotency-Key": "k"})
    assert (made.status, again.body["id"]) == (201, made.body["id"])
    poll = made.body["id"]
    assert await listed(viewer, broadcast) == [], "a draft is its keepers' affair"
    changed = await host.send("PUT", f"{polls}/{poll}", {**ASKED, "question": "改过的问题", "seconds": 60})
    assert (changed.status, changed.body["question"]) == (200, "改过的问题")
    other = (await host.post(polls, ASKED)).body["id"]
    assert (await host.send("DELETE", f"{polls}/{other}")).status == 204
    async with await visit(site, host) as one, await visit(site, viewer) as two:
        press = {"poll": poll, "client_id": new_id()}
        assert (await one.call("poll.open", press))["error"]["code"] == "polls_closed"
        await put(site, broadcast, state=State.LIVE, live_at=site.service.now())
        assert (await vote(two, poll, 0))["error"]["code"] == "poll_not_found"
        assert (await two.call("poll.open", press))["error"]["code"] == "poll_not_found"
        answer = await one.call("poll.open", press)
        assert answer == {"ok": True, "poll": poll, "offset": answer["offset"]}
        assert await one.call("poll.open", press) == answer
        assert (await vote(two, poll, 0))["ok"]
    (seen,) = await listed(viewer, broadcast)
    assert (seen["question"], seen["state"], seen["closes_at"] is None) == ("改过的问题", "open", False)
    for answer in (await host.send("PUT", f"{polls}/{poll}", ASKED), await host.send("DELETE", f"{polls}/{poll}")):
        assert (answer.status, answer.code) == (409, "poll_opened")


async def test_one_poll_is_open_at_a_time_and_its_opening_is_the_same_the_second_time(site: Site) -> None:
    host = await site.host()
    broadcast = await on_air(site, host)
    asked = {"broadcast": broadcast, "client_id": new_id(), **ASKED}
    async with await visit(site, host) as one:
        first = await one.call("poll.open", asked)
        assert await one.call("poll.open", asked) == first
        assert (await one.call("poll.open", {**asked, "question": "别的"}))["error"]["code"] == "client_id_reused"
        assert (await one.call("poll.open", {**asked, "client_id": new_id()}))["error"]["code"] == "poll_open"
        draft = (await host.post(f"/api/v1/broadcasts/{broadcast}/polls", ASKED)).body["id"]
        assert (await one.call("poll.open", {"poll": draft, "client_id": new_id()}))["error"]["code"] == "poll_open"
        assert (await close(one, draft))["error"]["code"] == "poll_not_open"
        assert (await close(one, first["poll"]))["ok"]
        assert (await one.call("poll.open", {"poll": draft, "client_id": new_id()}))["ok"]


async def test_a_poll_that_is_taken_back_is_gone_from_all_screens(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, viewer) as two:
        joined = await two.subscribe(broadcast)
        poll = await opened(one, broadcast, question="写错了")
        assert (await vote(two, poll, 0))["ok"]
        remove = {"poll": poll, "client_id": new_id()}
        assert (await two.call("poll.remove", remove))["error"]["code"] == "keeper_needed"
        for _ in range(2):
            assert await one.call("poll.remove", remove) == {"ok": True}
        await until(lambda: two.entries[-1]["type"] == "poll.removed", what="the removal")
        assert (await vote(two, poll, 1))["error"]["code"] == "poll_closed"
        assert await listed(host, broadcast) == []
        async with await visit(site, viewer) as three:
            fresh = await three.subscribe(broadcast)
            resumed = await three.subscribe(broadcast, epoch=joined["epoch"], after=joined["head"])
            assert "写错了" not in str([fresh, resumed])
        assert await opened(one, broadcast), "the room is free for another"


async def test_a_poll_closes_by_its_time_or_with_its_broadcast_also_after_a_restart(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    broadcast, other = await on_air(site, host), await on_air(site, host)
    async with await visit(site, host) as one, await visit(site, viewer) as two:
        await two.subscribe(broadcast)
        poll = await opened(one, broadcast)
        assert (await vote(two, poll, 2))["ok"]
        assert (await host.post(f"/api/v1/broadcasts/{broadcast}/end")).status == 200
        assert await closing(two) == {"id": poll, "counts": [0, 0, 1], "voters": 1, "closed_by": "over"}
        timed = await opened(one, other, seconds=10)
        assert (await vote(two, timed, 1))["ok"]
    async with site.database.transaction() as session:
        await session.execute(text("UPDATE polls SET closes_at = closes_at - 10000000 WHERE state = 'open'"))
    await site.server.close()
    async with running_site(site.data_dir, {}) as again:

        async def closed() -> bool:
            async with again.database.reading() as session:
                found = await session.execute(text("SELECT counts, closed_why FROM polls ORDER BY id"))
                return [tuple(row) for row in found] == [("[0,0,1]", "over"), ("[0,1,0]", "time")]

        await until(closed, what="the close of the one whose time came while nothing ran")


async def test_a_time_that_has_come_ends_the_voting_before_anybody_has_looked(site: Site) -> None:
    host = await site.host()
    broadcast = await on_air(site, host)
    async with await visit(site, host) as one:
        poll = await opened(one, broadcast, seconds=10)
        async with site.database.transaction() as session:
            await session.execute(text("UPDATE polls SET closes_at = closes_at - 10000000"))
        assert (await vote(one, poll, 0))["error"]["code"] == "poll_closed"


async def test_hosts_co_hosts_and_moderators_keep_polls_and_nobody_else(site: Site) -> None:
    host, employee, moderator = await site.host(), await site.person(status=Status.EMPLOYEE), await site.person(Role.MODERATOR)
    broadcast = await on_air(site, host, visibility="members")
    async with await visit(site, host) as one, await visit(site, employee) as two, await visit(site, moderator) as three:
        poll = await opened(one, broadcast)
        assert (await vote(two, poll, 0))["error"]["code"] == "poll_not_found", "as one that does not exist"
        assert (await close(two, poll))["error"]["code"] == "poll_not_found"
        assert (await vote(two, new_id(), 0))["error"]["code"] == "poll_not_found"
        assert (await close(three, poll))["ok"]
        asked = {"broadcast": broadcast, "client_id": new_id(), **ASKED}
        assert (await two.call("poll.open", asked))["error"]["code"] == "broadcast_not_found"
    async with await visit(site, await site.visitor()) as nobody:
        assert (await vote(nobody, poll, 0))["error"]["code"] == "sign_in_needed"


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"poll": "{id}", "broadcast": "{id}"},
        {"poll": "{id}", "most": 2},
        {"broadcast": "{id}", "question": "没有选项"},
        {"broadcast": "{id}", **ASKED, "seconds": 5},
        {"broadcast": "{id}", **ASKED, "more": 1},
    ],
)
async def test_an_opening_that_is_neither_one_nor_the_other_is_refused(site: Site, payload: dict[str, Any]) -> None:
    host = await site.host()
    filled = {key: new_id() if value == "{id}" else value for key, value in payload.items()}
    async with await visit(site, host) as one:
        answer = await one.call("poll.open", {"client_id": new_id(), **filled})
        assert answer["error"]["code"] == "payload_invalid"


async def test_a_broadcast_has_so_many_polls_and_no_more(site: Site) -> None:
    host = await site.host()
    broadcast = (await host.schedule())["id"]
    statuses = [(await host.post(f"/api/v1/broadcasts/{broadcast}/polls", ASKED)).status for _ in range(31)]
    assert statuses == [201] * 30 + [409]


async def test_polls_go_with_their_room_when_its_time_is_over(site: Site) -> None:
    host = await site.host()
    gone, kept = await on_air(site, host), await on_air(site, host)
    async with await visit(site, host) as one:
        for broadcast in (gone, kept):
            assert (await vote(one, await opened(one, broadcast), 0))["ok"]
    long_ago = site.service.now() - timedelta(days=200)
    await put(site, gone, state=State.ENDED, ended_at=long_ago)
    assert await site.service.retention([site.server.app[POLLS].purge]).purge() == 1
    assert await listed(host, gone) == []
    assert len(await listed(host, kept)) == 1
    async with site.database.reading() as session:
        for table in ("polls", "ballots", "poll_votes"):
            assert (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 1, table  # noqa: S608
