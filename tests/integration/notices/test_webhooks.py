"""An external points system hears of every credit, signed, in order, at least once, whatever it answers, whoever is killed."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import text, update

from server.app import COURIERS, LOOKUP
from server.core.ids import new_id
from server.identity import Role
from server.notices import WEBHOOKS, WebhookSettings, store
from server.notices.couriers import _Round
from server.notices.model import Endpoint, EndpointState
from server.notices.sending import Sender
from server.notices.tables import DeliveryRow, EndpointRow
from server.points import LEDGER, Cause
from server.settings import Settings
from tests.integration.broadcasts.site import Person, Site, running_site
from tests.support.receiver import Heard, Receiver, accept, answering, hang_up, never, receiver
from tests.support.wait import until

# An attempt has its ten seconds: a busy machine is no failure of the endpoint's.
QUICK = WebhookSettings(loopback=True, look=0.05, lease=2.0)
WEBHOOKS_PATH = "/api/v1/webhooks"


@asynccontextmanager
async def a_site(folder: Path, url: str, webhooks: WebhookSettings = QUICK) -> AsyncIterator[Site]:
    def quick(settings: Settings) -> Settings:
        return replace(settings, webhooks=webhooks)

    async with running_site(folder, {"DATABASE_URL": url}, quick) as site:
        yield site


@pytest.fixture
async def site(tmp_path: Path, database_url: str) -> AsyncIterator[Site]:
    async with a_site(tmp_path, database_url) as site:
        yield site


@pytest.fixture
async def there() -> AsyncIterator[Receiver]:
    async with receiver() as there:
        yield there


async def made(staff: Person, there: Receiver, **more: Any) -> tuple[str, str]:
    """An endpoint's path and its secret."""
    wanted = {"name": "积分商城", "url": there.url, "events": ["points.credited", "points.reversed"]}
    answer = await staff.post(WEBHOOKS_PATH, wanted | more)
    assert answer.status == 201, answer.body
    return f"{WEBHOOKS_PATH}/{answer.body['endpoint']['id']}", answer.body["secret"]


async def credit(site: Site, person: Person, count: int = 1) -> list[str]:
    async with site.database.transaction() as session:
        causes = [Cause(person.id, "suggestion.adopted", new_id(), datetime.now(UTC), title="一件事") for _ in range(count)]
        credits_ = await site.server.app[LEDGER].award(session, causes)
    return [f"points_{each.entry.id}" for each in credits_ if each is not None]


async def shown(staff: Person, path: str) -> dict[str, Any]:
    answer = await staff.get(path)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.body
    return found


async def hurry(site: Site, **values: Any) -> None:
    """Everything that waits is tried again now."""
    async with site.database.transaction() as session:
        await session.execute(update(EndpointRow).values(not_before=None))  # first, as couriers do
        await session.execute(update(DeliveryRow).values(next_at=datetime.now(UTC), **values))


async def put_off(site: Site) -> None:
    """Nothing is tried again by itself, however long a test takes."""
    async with site.database.transaction() as session:
        await session.execute(update(DeliveryRow).values(next_at=datetime.now(UTC) + timedelta(hours=1)))


async def test_every_credit_arrives_signed_in_order_and_once_and_a_reversal_names_its_row(site: Site, there: Receiver) -> None:
    staff, member = await site.person(Role.AFFAIRS_STAFF), await site.person(name="单予安")
    await credit(site, member)
    await until(lambda: _sealed(site, 1))
    path, secret = await made(staff, there)
    sent = await credit(site, member, 12)
    await until(lambda: len(there.heard) == 12, what="the credits")
    assert there.ids == sent, "one member's, in their order; none from before the endpoint"
    first = there.heard[0]
    assert first.signed_by(secret)
    assert not replace(first, raw=first.raw + b" ").signed_by(secret)
    body = first.body
    assert (body["type"], body["data"]["member"]["name"], body["data"]["amount"]) == ("points.credited", "单予安", 10)
    assert [each.body["data"]["chain"]["number"] for each in there.heard] == list(range(2, 14))
    assert "reason" not in body["data"]

    async with site.database.transaction() as session:
        entry_id = sent[3].removeprefix("points_")
        await site.server.app[LEDGER].reverse(session, entry_id, by=staff.id, reviewer=None, reason="记错了")
    await until(lambda: len(there.heard) == 13, what="the reversal")
    assert there.heard[-1].body["type"] == "points.reversed"
    assert there.heard[-1].body["data"]["reverses"] == entry_id
    assert "记错了" not in there.heard[-1].raw.decode()

    async def all_told() -> bool:
        return bool((await shown(staff, path))["waiting"] == 0)

    await until(all_told)
    attempts = (await staff.get(f"{path}/attempts")).body["items"]
    assert {each["outcome"]["status"] for each in attempts} == {200}
    assert len(attempts) == 13


async def test_what_fails_is_tried_again_and_those_behind_it_of_the_same_member_wait(site: Site, there: Receiver) -> None:
    staff = await site.person(Role.ADMINISTRATOR)
    one, other = await site.person(), await site.person()
    path, _ = await made(staff, there)
    there.manner = answering(500)
    first = await credit(site, one, 2)
    await until(lambda: len(there.heard) == 1)

    async def failing() -> bool:
        return bool((await shown(staff, path))["failing_since"])

    await until(failing)
    await put_off(site)
    there.manner = accept
    others = await credit(site, other)
    await until(lambda: others[0] in there.ids)
    assert first[1] not in there.ids, "it waits for the one before it"
    await hurry(site)
    await until(lambda: first[1] in there.ids)
    assert there.ids == [first[0], others[0], first[0], first[1]]
    assert there.heard[2].headers["hongbo-attempt"] == "2"
    assert (await shown(staff, path))["failing_since"] is None


@pytest.mark.parametrize(
    ("manner", "status", "error", "timeout"),
    [
        (never, None, "timeout", 1.0),
        (answering(302, Location="http://127.0.0.1:1/"), 302, "", QUICK.timeout),
        (hang_up, None, "broken_off", QUICK.timeout),
    ],
)
async def test_silence_a_redirect_and_a_hang_up_are_failures_and_told_in_words(
    tmp_path: Path, sqlite_url: str, there: Receiver, manner: Any, status: int | None, error: str, timeout: float
) -> None:
    async with a_site(tmp_path, sqlite_url, replace(QUICK, timeout=timeout)) as site:
        staff = await site.person(Role.AFFAIRS_STAFF)
        path, _ = await made(staff, there)
        there.manner = manner
        outcome = (await staff.post(f"{path}/test")).body
        assert (outcome["delivered"], outcome["status"], outcome["error"]) == (False, status, error)
        assert len(there.heard) == 1, "a redirect is not followed, and a test is tried once"
        assert there.heard[0].body["type"] == "webhook.test"


async def test_a_slow_endpoint_costs_the_others_nothing(tmp_path: Path, database_url: str, there: Receiver) -> None:
    over = asyncio.Event()

    async def late(heard: Heard) -> web.StreamResponse:
        await over.wait()
        return await accept(heard)

    async with a_site(tmp_path, database_url, replace(QUICK, timeout=100.0)) as site, receiver() as slow:
        staff, member = await site.person(Role.AFFAIRS_STAFF), await site.person()
        slow.manner = late
        await made(staff, slow, name="慢")
        await made(staff, there)
        sent = await credit(site, member, 8)
        try:
            await until(lambda: there.ids == sent, timeout=30, what="all of them, long before the slow one is given up")
            assert len(slow.heard) <= 2
        finally:
            over.set()


async def test_a_day_of_refusals_makes_a_dead_letter_which_is_sent_again_when_asked(site: Site, there: Receiver) -> None:
    staff, member = await site.person(Role.AFFAIRS_STAFF), await site.person()
    path, _ = await made(staff, there)
    there.manner = answering(422)
    sent = await credit(site, member)
    for attempt in range(1, 12):
        await until(lambda attempt=attempt: len(there.heard) >= attempt, what=f"attempt {attempt}")  # type: ignore[misc]

        async def noted(attempt: int = attempt) -> bool:
            async with site.database.reading() as session:
                return bool(await session.scalar(text("SELECT count(*) FROM webhook_attempts")) >= attempt)

        await until(noted)
        await hurry(site)

    async def dead() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = (await staff.get(f"{path}/deliveries?state=dead")).body["items"]
        return found

    (letter,) = await until(dead)
    assert (letter["event"], letter["status"], letter["attempts"]) == (sent[0], 422, 11)
    assert (await shown(staff, path))["dead"] == 1
    there.manner = accept
    assert (await staff.post(f"{path}/redeliver", {"deliveries": [new_id()]})).body == {"count": 0}
    assert (await staff.post(f"{path}/redeliver", {})).body == {"count": 1}
    await hurry(site)
    await until(lambda: len(there.heard) == 12)
    assert there.heard[-1].id == sent[0]
    assert there.heard[-1].headers["hongbo-redelivery"] == "1"


async def test_gone_pauses_and_what_comes_meanwhile_is_delivered_when_it_goes_on(site: Site, there: Receiver) -> None:
    staff, member = await site.person(Role.AFFAIRS_STAFF), await site.person()
    path, _ = await made(staff, there)
    there.manner = answering(410)
    first = await credit(site, member)

    async def paused() -> bool:
        return bool((await shown(staff, path))["state"] == "paused")

    await until(paused)
    assert (await shown(staff, path))["reason"] == "gone"
    there.manner = accept
    later = await credit(site, member, 2)
    await until(lambda: _sealed(site, 3))
    assert there.ids == first
    assert (await staff.post(f"{path}/resume")).body["state"] == "active"
    await until(lambda: there.ids == [*first, *first, *later])


async def test_who_looked_just_before_it_was_paused_sends_nothing_more(site: Site, there: Receiver) -> None:
    staff, member = await site.person(Role.AFFAIRS_STAFF), await site.person()
    path, _ = await made(staff, there)
    there.manner = answering(410)

    async def seen(state: EndpointState) -> Endpoint | None:
        async with site.database.reading() as session:
            found = await store.endpoint(session, path.rsplit("/", 1)[1])
        return found if found is not None and found.state is state else None

    before = await seen(EndpointState.ACTIVE)
    assert before is not None
    first = await credit(site, member)
    await until(lambda: seen(EndpointState.PAUSED))
    there.manner = accept
    round_ = _Round(Sender(site.server.app[LOOKUP], QUICK))
    assert not await site.server.app[COURIERS]._send_due(before, round_)
    assert (round_.under_way, there.ids) == ({}, first)


async def _sealed(site: Site, count: int) -> bool:
    async with site.database.reading() as session:
        return bool(await session.scalar(text("SELECT count(*) FROM ledger WHERE number IS NOT NULL")) == count)


async def test_three_days_without_a_success_pause_it_with_a_reason(site: Site, there: Receiver) -> None:
    staff, member = await site.person(Role.AFFAIRS_STAFF), await site.person()
    path, _ = await made(staff, there)
    there.manner = answering(503)
    async with site.database.transaction() as session:
        await session.execute(update(EndpointRow).values(failing_since=datetime.now(UTC) - timedelta(days=3), failures=3))
    await credit(site, member)

    async def paused() -> bool:
        return bool((await shown(staff, path))["reason"] == "failing")

    await until(paused)
    assert (await shown(staff, path))["last_error"] == "503"


async def test_during_a_rotation_both_secrets_are_good_and_the_first_is_not_shown_again(site: Site, there: Receiver) -> None:
    staff, member = await site.person(Role.AFFAIRS_STAFF), await site.person()
    path, old = await made(staff, there)
    rotated = await staff.post(f"{path}/rotate")
    new = rotated.body["secret"]
    await credit(site, member)
    await until(lambda: len(there.heard) == 1)
    assert there.heard[0].signed_by(old)
    assert there.heard[0].signed_by(new)
    async with site.database.reading() as session:
        (kept,) = (await session.execute(text("SELECT secret, previous FROM webhook_endpoints"))).all()
    assert not {old, new, old[6:], new[6:]} & {*kept}
    page = (await staff.get(path)).raw.decode()
    assert old not in page
    assert new not in page


async def test_a_year_can_be_sent_from_its_beginning(site: Site, there: Receiver) -> None:
    staff, member = await site.person(Role.AFFAIRS_STAFF), await site.person()
    sent = await credit(site, member, 3)
    await until(lambda: _sealed(site, 3))
    await made(staff, there, since=f"{datetime.now(UTC).year}-01-01")
    await until(lambda: there.ids == sent)


async def test_addresses_inside_are_refused_in_words(tmp_path: Path, sqlite_url: str) -> None:
    async with running_site(tmp_path, {"DATABASE_URL": sqlite_url}) as site:
        staff = await site.person(Role.AFFAIRS_STAFF)
        wanted = {"name": "甲", "events": ["points.credited"]}
        for url in (
            "http://example.com/",
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://10.1.2.3/",
            "ftp://x/",
            "https://u@x.cn/",
        ):
            answer = await staff.post(WEBHOOKS_PATH, wanted | {"url": url})
            assert answer.code == "url_unfit", url
        assert (await staff.post(WEBHOOKS_PATH, wanted | {"url": "https://x.cn/", "events": []})).code == "events_missing"


async def test_a_name_that_turns_from_public_to_private_is_not_dialled(
    tmp_path: Path, sqlite_url: str, there: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_site(tmp_path, {"DATABASE_URL": sqlite_url}) as site:  # without the development setting
        staff = await site.person(Role.AFFAIRS_STAFF)
        answers = [["203.0.113.7", "127.0.0.1"], ["127.0.0.1"], ["93.184.216.34", "::ffff:127.0.0.1"], ["64:ff9b::7f00:1"]]
        seen: list[str] = []

        async def lookup(host: str, port: int) -> list[str]:
            seen.append(host)
            return answers.pop(0)

        hooks = site.server.app[WEBHOOKS]
        monkeypatch.setattr(hooks, "_lookup", lookup)
        port = there.url.rsplit(":", 1)[1].split("/")[0]
        made = await staff.post(
            WEBHOOKS_PATH, {"name": "甲", "url": f"https://points.example:{port}/", "events": ["points.credited"]}
        )
        for _ in range(4):
            outcome = (await staff.post(f"{WEBHOOKS_PATH}/{made.body['endpoint']['id']}/test")).body
            assert outcome["error"] == "address_refused"
        assert seen == ["points.example"] * 4, "asked anew each time"
        assert there.heard == []
        assert site.server.app[LOOKUP] is not None


async def test_killed_between_sending_and_marking_loses_nothing_and_says_it_twice(
    tmp_path: Path, sqlite_url: str, there: Receiver
) -> None:
    async with a_site(tmp_path, sqlite_url) as site:
        staff, member = await site.person(Role.AFFAIRS_STAFF), await site.person()
        path, _ = await made(staff, there)
        await staff.post(f"{path}/pause")
        sent = await credit(site, member, 3)
        await until(lambda: _sealed(site, 3))
        await staff.post(f"{path}/resume")
        async with site.database.transaction() as session:
            # Until the other process has been and gone.
            await session.execute(
                update(EndpointRow).values(lease_owner="nobody", lease_until=datetime.now(UTC) + timedelta(days=1))
            )
    # It sends, is answered, and is killed before it can note it.
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.support.courier_process", sqlite_url, str(tmp_path)
    )
    assert await process.wait() == -9
    assert there.ids == sent[:1]
    async with a_site(tmp_path, sqlite_url):
        await until(lambda: len(there.heard) == 4)
    assert there.ids == [sent[0], *sent]
