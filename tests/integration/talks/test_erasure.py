"""Canaries: what was written at rest is found in no byte unsealed; what was erased or taken back is found in no byte at all."""

import asyncio
import base64
import os
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from server.app import AUDIT, JOURNAL
from server.app.talks import RETENTION
from server.conversations import CONVERSATIONS, BlobFolder
from server.conversations.erasing import Eraser
from server.core.db import Database
from server.talks import TalkRetention
from tests.integration.broadcasts.site import Site, running_site
from tests.integration.talks.test_talk import ahead, by_the_clock, two_pages
from tests.support.clock import ManualClock
from tests.support.redis import running_redis
from tests.support.talking import Page, agree_on_keys, base64url, state_of
from tests.support.wait import until

NOTE, SUMMARY = "金丝雀在笔记里唱歌", "金丝雀在纪要里唱歌"


def in_bytes(folder: Path, needles: Iterable[bytes]) -> list[tuple[str, bytes]]:
    """Which of them are found in which file below a folder."""
    contents = ((str(file), _content(file)) for file in folder.rglob("*"))
    return [(name, needle) for name, content in contents for needle in needles if needle in content]


def _content(file: Path) -> bytes:
    """Nothing where it was removed meanwhile."""
    try:
        return file.read_bytes() if file.is_file() else b""
    except FileNotFoundError:
        return b""


async def in_tables(database: Database, needles: Iterable[bytes]) -> list[tuple[str, bytes]]:
    """Which of them are found in which table of PostgreSQL, whatever the column."""
    found = []
    async with database.reading() as session:
        names = list(await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")))
        for name in names:
            for needle in needles:
                query = text(f'SELECT count(*) FROM "{name}" AS row WHERE position(:needle in CAST(row AS text)) > 0')  # noqa: S608
                if (await session.execute(query, {"needle": needle.decode()})).scalar_one():
                    found.append((name, needle))
    return found


async def found(site: Site, *needles: bytes) -> list[tuple[str, bytes]]:
    places = in_bytes(site.data_dir, needles)
    if not site.database.is_sqlite:
        places += await in_tables(site.database, [needle for needle in needles if needle.isascii()])
    return places


async def erased(site: Site, *needles: bytes) -> None:
    """Nothing of it is left, soon. What SQLite's readers hold up is tried again."""

    async def look() -> bool:
        return not await found(site, *needles)

    try:
        await until(look, timeout=10, every=0.1, what="nothing left")
    except AssertionError:
        raise AssertionError(
            f"still there: {[(place, needle[:12]) for place, needle in await found(site, *needles)]}"
        ) from None


async def vacuumed(database: Database, table: str) -> int:
    """How often PostgreSQL was told to."""
    query = text("SELECT vacuum_count FROM pg_stat_user_tables WHERE relname = :table")
    async with database.reading() as session:
        return int((await session.execute(query, {"table": table})).scalar_one())


def canary(size: int = 64) -> str:
    """Sealed bytes as a page sends them."""
    return base64url(os.urandom(size))


async def fill(page: Page, other: Page, bodies: list[str], blobs: list[bytes]) -> None:
    """Both send, some of it large, with other things in between."""
    for number, body in enumerate(bodies):
        sender = (page, other)[number % 2]
        assert (await sender.send(body))["ok"]
    for content in blobs:
        blob = (await page.hand_in(content)).body["id"]
        assert (await page.send(kind="picture", blob=blob))["ok"]


async def test_notes_and_summaries_are_sealed_at_rest(either: Site, capfd: pytest.CaptureFixture[str]) -> None:
    needles = [words.encode() for words in (NOTE, SUMMARY)]
    needles += [words.encode("unicode_escape") for words in (NOTE, SUMMARY)]
    needles += [base64.b64encode(words.encode())[:24] for words in (NOTE, SUMMARY)]
    async with two_pages(either) as (secretary, member):
        await agree_on_keys(secretary, member)
        await secretary.act("end")
        assert (await secretary.act("note", {"text": NOTE}, "PUT")).body["note"]["text"] == NOTE
        hashed = (await secretary.act("summary", {"text": SUMMARY})).body["summary"]["hash"]
        assert (await member.act("summary/agree", {"hash": hashed})).body["summary"]["text"] == SUMMARY
        assert await found(either, *needles) == []
    out = capfd.readouterr()
    assert not any(words in out.out + out.err for words in (NOTE, SUMMARY))


async def test_an_erased_talk_leaves_no_byte(either: Site, capfd: pytest.CaptureFixture[str]) -> None:
    """The other talk beside it stays whole: pages of the database that both have lain on were written anew in between."""
    async with two_pages(either) as (secretary, member), two_pages(either) as (one, two):
        for pair in ((secretary, member), (one, two)):
            await agree_on_keys(*pair)
        bodies = [canary(64 if number % 5 else 6_000) for number in range(24)]
        others = [canary(64 if number % 5 else 6_000) for number in range(24)]
        blobs = [os.urandom(50_000) for _ in range(3)]
        for start in range(0, 24, 4):
            await fill(
                secretary, member, bodies[start : start + 4], blobs[start // 8 : start // 8 + 1] if start % 8 == 0 else []
            )
            await fill(one, two, others[start : start + 4], [])
        needles = [*(body.encode() for body in bodies), *(blob[:64] for blob in blobs)]
        assert len({needle for _, needle in in_bytes(either.data_dir, needles)}) >= 3, "the canaries can be seen"
        hashed = (await secretary.act("summary", {"text": SUMMARY})).body["summary"]["hash"]
        await member.act("summary/agree", {"hash": hashed})
        gone = (await member.act("erase")).body
        assert (gone["state"], gone["reason"], gone["erased"]["by"]) == ("ended", "erased", "member")
        assert gone["summary"]["state"] == "none"
        await erased(either, *(needle for needle in needles if needle not in blobs))
        await until(lambda: f"conversation:{secretary.talk}" in secretary.visit.resyncs, what="word of it")
        shown = (await secretary.subscribe())["snapshot"]
        assert (shown["messages"], shown["keys"], shown["talk"]["erased"]["by"]) == (
            {"latest": []},
            {"round": 0, "steps": []},
            "member",
        )
        page = await secretary.person.get(f"/api/v1/conversations/{secretary.talk}/messages")
        assert page.body == {"items": [], "next": None}
        assert (await secretary.send())["error"]["code"] == "talk_erased"
        read = {"conversation": secretary.talk, "offset": 1}
        assert (await secretary.visit.call("message.read", read))["error"]["code"] == "talk_erased"
        audit = [each for each in (await either.server.app[AUDIT].page())[0] if each.act.name == "talk.erased"]
        assert [(each.act.target_id, each.act.more) for each in audit] == [(secretary.talk, {"by": "member"})]
        assert not {secretary.person.id, member.person.id} & {each.actor.id for each in audit}, "who, is between the two"
        if not either.database.is_sqlite:
            await until(lambda: vacuumed(either.database, "talks"), what="the summary's table, cleaned up as well")
        again = await member.act("erase")
        assert again.body["erased"] == gone["erased"], "the second time nothing happens"
        kept = (await state_of(either.server.app, f"conversation:{one.talk}"))["messages"]["latest"]
        assert [each["data"]["body"] for each in kept] == others
    out = capfd.readouterr()
    assert not any(body in out.out + out.err for body in bodies)


async def test_a_recalled_message_leaves_no_byte(site: Site) -> None:
    async with two_pages(site) as (secretary, member):
        await agree_on_keys(secretary, member)
        bodies = [canary(300) for _ in range(6)]
        sent = [await secretary.send(body) for body in bodies]
        for message in sent[1::2]:
            assert (await secretary.recall(message["id"]))["ok"]
        await erased(site, *(body.encode() for body in bodies[1::2]))
        latest = (await state_of(site.server.app, f"conversation:{member.talk}"))["messages"]["latest"]
        assert [each["data"].get("body") for each in latest] == [bodies[0], None, bodies[2], None, bodies[4], None]


async def test_when_both_want_nothing_kept_it_goes_at_the_end(either: Site) -> None:
    async with two_pages(either) as (secretary, member):
        await agree_on_keys(secretary, member)
        body = canary()
        await fill(secretary, member, [body], [])
        for page in (secretary, member):
            assert (await page.act("keeping", {"nothing": True})).status == 200
        assert (await member.look())["erased"] is None, "not while they talk"
        await by_the_clock(either, ahead(minutes=16)).look()
        assert (await member.look())["erased"]["by"] == "both"
        await erased(either, body.encode())


async def test_who_changes_their_mind_keeps_it(site: Site) -> None:
    async with two_pages(site) as (secretary, member):
        await agree_on_keys(secretary, member)
        await secretary.act("keeping", {"nothing": True})
        assert (await member.hears("talk.keeping"))["data"] == {"keep_nothing": ["secretary"]}
        await member.act("end")
        await secretary.act("keeping", {"nothing": False})
        assert (await member.act("keeping", {"nothing": True})).body["erased"] is None
        assert (await secretary.act("keeping", {"nothing": True})).body["erased"]["by"] == "both", "after the end, at once"


async def test_sealed_talks_go_when_their_time_of_keeping_is_over(either: Site) -> None:
    async with two_pages(either) as (secretary, member), two_pages(either) as (one, two):
        for pair in ((secretary, member), (one, two)):
            await agree_on_keys(*pair)
        body = canary()
        await fill(secretary, member, [body], [os.urandom(100)])
        await secretary.act("end")
        talks = by_the_clock(either, ahead(days=181))
        assert await either.server.app[RETENTION].purge() == 0
        assert await TalkRetention(talks, ahead(days=181), timedelta(days=180)).purge() == 1
        assert (await member.look())["erased"]["by"] == "retention"
        await erased(either, body.encode())
        assert (await one.send())["ok"], "who still talks is left alone"
        assert await TalkRetention(talks, ahead(days=181), timedelta(days=180)).purge() == 0


async def test_what_a_large_file_may_still_hold_goes_at_night(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.core.db._QUICKLY_VACUUMED", 0)
    eraser, name = site.server.app[CONVERSATIONS].eraser, "PRAGMA freelist_count"

    async def free_pages() -> int:
        async with site.database.reading() as session:
            return int((await session.execute(text(name))).scalar_one())

    three = datetime.now(UTC).replace(hour=19, minute=30)  # half past three in China
    async with two_pages(site) as (secretary, member):
        await agree_on_keys(secretary, member)
        await fill(secretary, member, [canary(6_000) for _ in range(10)], [])
        eraser._clock = ManualClock(three)
        await eraser.at_night()  # nothing was erased: nobody is held up for nothing
        await member.act("erase")
        await until(free_pages, what="pages that are free")
        eraser._clock = ManualClock(three + timedelta(hours=5))
        await eraser.at_night()
        assert await free_pages() > 0, "not by day"
        eraser._clock = ManualClock(datetime.now(UTC).replace(hour=19, minute=30))
        await eraser.at_night()
        assert await free_pages() == 0, "everything was written anew"


async def test_a_server_that_was_down_for_days_finishes_what_it_had_left(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a weekend: killed right after the erasure was acknowledged."""
    app, scrubbed = site.server.app, asyncio.Event()
    async with two_pages(site) as (secretary, member):
        await agree_on_keys(secretary, member)
        await member.act("erase")
    await until(lambda: not app[CONVERSATIONS].eraser._unclean, what="the first process, done")

    async def scrub(*_tables: str, thorough: bool = False) -> None:
        scrubbed.set()

    monkeypatch.setattr(site.database, "scrub", scrub)
    later = Eraser(site.database, app[JOURNAL], ahead(days=3), BlobFolder(site.data_dir / "talk-files"))
    later.start()
    async with asyncio.timeout(5):
        await scrubbed.wait()
    await later.close()


async def test_redis_hears_where_something_was_said_and_nothing_of_it(tmp_path: Path, postgres_url: str) -> None:
    (tmp_path / "redis").mkdir()
    with running_redis(tmp_path / "redis") as redis:
        environment = {"DATABASE_URL": postgres_url, "REDIS_URL": redis.url}
        async with running_site(tmp_path / "data", environment) as site, two_pages(site) as (secretary, member):
            await agree_on_keys(secretary, member)
            body = canary()
            await fill(secretary, member, [body], [])
            await secretary.hears("message.posted")
            assert in_bytes(tmp_path / "redis", [member.talk.encode()]) != [], "what goes through it can be seen"
            assert in_bytes(tmp_path / "redis", [body.encode()]) == []


async def test_files_nobody_sent_and_files_without_a_row_are_swept(site: Site) -> None:
    async with two_pages(site) as (secretary, member):
        await agree_on_keys(secretary, member)
        unsent = (await secretary.hand_in(b"never sent")).body["id"]
        folder = site.data_dir / "talk-files"
        stray = folder / f"{secretary.talk}.sealed"
        stray.write_bytes(b"written by a process that was killed")
        long_ago = datetime.now(UTC).timestamp() - 3600
        os.utime(stray, (long_ago, long_ago))
        eraser = site.server.app[CONVERSATIONS].eraser
        await eraser.sweep()
        assert not stray.exists()
        assert (folder / f"{unsent}.sealed").exists()
        eraser._clock = ahead(hours=2)
        await eraser.finish()
        assert not (folder / f"{unsent}.sealed").exists()
        assert (await secretary.send(kind="picture", blob=unsent))["error"]["code"] == "attachment_not_found"
