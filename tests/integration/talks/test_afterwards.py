"""What is left of a talk: for whom, and for whom not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.identity import Role
from tests.integration.broadcasts.site import Person, Site
from tests.integration.talks.test_talk import two_pages
from tests.support.talking import Page, agree_on_keys


@asynccontextmanager
async def over(site: Site) -> AsyncIterator[tuple[Page, Page]]:
    async with two_pages(site) as (secretary, member):
        await agree_on_keys(secretary, member)
        assert (await secretary.act("end")).status == 200
        yield secretary, member


async def test_a_summary_is_kept_only_in_the_words_both_agree_on(either: Site) -> None:
    async with over(either) as (secretary, member):
        proposed = (await secretary.act("summary", {"text": "帮助解决宿舍问题"})).body["summary"]
        assert (proposed["state"], proposed["by"], proposed["text"]) == ("proposed", "secretary", "帮助解决宿舍问题")
        assert (await member.hears("talk.summary"))["data"] == {"summary": {"state": "proposed", "by": "secretary"}}
        assert (await secretary.act("summary/agree", {"hash": proposed["hash"]})).code == "summary_own"
        changed = (await member.act("summary", {"text": "九月底前回复"})).body["summary"]
        assert (await secretary.act("summary/agree", {"hash": proposed["hash"]})).code == "summary_changed"
        for _ in range(2):
            agreed = await secretary.act("summary/agree", {"hash": changed["hash"]})
            assert agreed.body["summary"]["state"] == "agreed"
        assert (await member.look())["summary"]["text"] == "九月底前回复"
        for path, body in (("summary", {"text": "改写"}), ("summary/decline", None)):
            assert (await member.act(path, body)).code == "summary_agreed"


async def test_a_declined_summary_is_gone(site: Site) -> None:
    async with over(site) as (secretary, member):
        await secretary.act("summary", {"text": "草稿"})
        declined = (await member.act("summary/decline")).body["summary"]
        assert declined == {"state": "none", "by": None, "text": None, "hash": None}
        assert (await member.act("summary/agree", {"hash": "0" * 64})).code == "no_summary"
        assert (await member.act("summary", {"text": " \n "})).code == "text_empty"


async def test_the_note_is_the_secretarys_alone_and_comes_back_when_it_is_due(either: Site) -> None:
    async with over(either) as (secretary, member):
        note = {"text": "十月回访", "due_on": "2026-12-10", "done": False}
        assert (await secretary.act("note", note, "PUT")).body["note"] == note
        assert (await member.act("note", note, "PUT")).code == "secretary_needed"
        assert (await member.look())["note"] is None
        due = (await secretary.person.get("/api/v1/me/talks?due=true")).body["items"]
        assert [each["note"] for each in due] == [note]
        assert (await member.person.get("/api/v1/me/talks?due=true")).body["items"] == []
        await secretary.act("note", note | {"done": True}, "PUT")
        assert (await secretary.person.get("/api/v1/me/talks?due=true")).body["items"] == []
        assert (await secretary.act("note", {"text": ""}, "PUT")).body["note"] is None


async def rated_talk(site: Site, secretary: Person, stars: int) -> None:
    from tests.support.talking import begin_talk, page_of

    member = await site.person(name="封书瑶")
    talk = await begin_talk(site.server.app, secretary.id, member.id)
    async with page_of(site, secretary, talk) as first, page_of(site, member, talk) as second:
        await agree_on_keys(first, second)
        await second.act("end")
        rated = await second.act("rating", {"stars": stars}, "PUT")
        assert rated.body["stars"] == stars
        assert (await second.act("rating", {"stars": stars % 5 + 1}, "PUT")).code == "rating_given"
        assert (await first.act("rating", {"stars": 5}, "PUT")).code == "member_needed"
        assert (await first.look())["stars"] is None


async def test_ratings_are_shown_by_fives(site: Site) -> None:
    secretary = await site.person(Role.COMMITTEE_SECRETARY, name="苏映川")
    seen = []
    for stars in (5, 4, 3, 5, 5, 1):
        await rated_talk(site, secretary, stars)
        seen.append((await secretary.get("/api/v1/me/talks/figures")).body)
    assert [each["held"] for each in seen] == [1, 2, 3, 4, 5, 6]
    assert [(each["rated"], each["mean"]) for each in seen] == [(0, None)] * 4 + [(5, 4.4)] * 2


async def test_who_asks_for_another_talk_is_found_by_the_secretary(site: Site) -> None:
    async with over(site) as (secretary, member):
        path = "/api/v1/me/talks?again=true"
        assert (await secretary.person.get(path)).body["items"] == []
        assert (await member.act("wish", {"again": True}, "PUT")).body["again"]
        [found] = (await secretary.person.get(path)).body["items"]
        assert (found["id"], found["other"]["name"]) == (member.talk, "封书瑶")
        await member.act("wish", {"again": False}, "PUT")
        assert (await secretary.person.get(path)).body["items"] == []
        assert (await secretary.act("wish", {"again": True}, "PUT")).code == "member_needed"


async def test_talks_are_listed_for_both_page_by_page(site: Site) -> None:
    secretary = await site.person(Role.COMMITTEE_SECRETARY, name="苏映川")
    for _ in range(3):
        await rated_talk(site, secretary, 5)
    first = (await secretary.get("/api/v1/me/talks?limit=2")).body
    rest = (await secretary.get(f"/api/v1/me/talks?limit=2&after={first['next']}")).body
    ids = [each["id"] for each in (*first["items"], *rest["items"])]
    assert ids == sorted(ids, reverse=True)
    assert (len(ids), rest["next"]) == (3, None)
