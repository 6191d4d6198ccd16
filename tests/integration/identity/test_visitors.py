"""Visitors prove a mobile number: message, the code's bounds, session, socket. The company that sends is played here."""

import asyncio
import hmac
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from server.core.ids import new_id
from server.identity import IdentitySettings, WebhookSms, visitor_known
from server.identity.visitors import CODE_LIFETIME, LIFETIME, MOST_TRIES
from tests.integration.identity.site import FAST, Browser, Site, running_site
from tests.support.clock import ManualClock
from tests.support.company import Company, answering
from tests.support.engine import asked, door, heard, site_with, wire

MOBILE = "13900000001"
SIGNING = b"shared with the company, 32 characters"


@pytest.fixture
async def company() -> Company:
    return Company()


@pytest.fixture
async def sending(company: Company) -> AsyncIterator[TestServer]:
    async with answering(company) as server:
        yield server


@pytest.fixture
async def site(database_url: str, clock: ManualClock, sending: TestServer) -> AsyncIterator[Site]:
    settings = IdentitySettings(hashing=FAST, public_broadcasts=True)
    sms = WebhookSms(str(sending.make_url("/send")), SIGNING, clock)
    async with running_site(database_url, clock, settings, sms=sms) as site:
        yield site


async def ask(browser: Browser, mobile: str = MOBILE) -> int:
    return (await browser.post("/api/v1/visitor/code", {"mobile": mobile})).status


async def prove(browser: Browser, code: str, name: str = "路过的人", mobile: str = MOBILE) -> tuple[int, str | None]:
    answer = await browser.post("/api/v1/visitor", {"mobile": mobile, "code": code, "name": name})
    return answer.status, answer.code


async def test_a_number_is_proven_by_the_code_that_was_sent_to_it(site: Site, company: Company) -> None:
    browser = await site.browser()
    sent = await browser.post("/api/v1/visitor/code", {"mobile": "+86 139 0000 0001"})
    assert (sent.status, sent.body) == (200, {"shown": None})
    assert json.loads(company.bodies[0]) == {"mobile": MOBILE, "code": company.code, "minutes": 5}
    stamp, signature = (part.partition("=")[2] for part in company.signatures[0].split(","))
    assert signature == hmac.digest(SIGNING, f"{stamp}.".encode() + company.bodies[0], "sha256").hex()
    assert (await browser.get("/api/v1/visitor")).status == 401
    assert await prove(browser, company.code) == (201, None)
    me = await browser.get("/api/v1/visitor")
    assert me.body["name"] == "路过的人"
    assert len(me.body["csrf"]) == 64
    assert (await browser.get("/api/v1/me")).status == 401  # no member
    cookie = browser.cookie("__Host-hongbo-visitor")
    assert cookie
    assert await prove(await site.browser(), company.code) == (401, "code_wrong")  # used up
    assert (await browser.send("DELETE", "/api/v1/visitor")).status == 204
    replayed = await (await site.browser()).get("/api/v1/visitor", headers={"Cookie": f"__Host-hongbo-visitor={cookie}"})
    assert replayed.status == 401


async def test_a_code_bears_few_wrong_tries_and_lives_for_minutes(site: Site, company: Company, clock: ManualClock) -> None:
    browser = await site.browser()
    assert await prove(browser, "000000") == (401, "code_wrong")  # none was sent
    await ask(browser)
    wrong = f"{(int(company.code) + 1) % 1_000_000:06d}"
    for _ in range(MOST_TRIES):
        assert await prove(browser, wrong) == (401, "code_wrong")
    assert await prove(browser, company.code) == (401, "code_wrong")
    clock.advance(120)
    await ask(browser)
    clock.advance(CODE_LIFETIME.total_seconds())
    assert await prove(browser, company.code) == (401, "code_wrong")


async def test_parallel_guesses_are_all_counted_and_one_code_opens_one_session(site: Site, company: Company) -> None:
    browsers = [await site.browser() for _ in range(MOST_TRIES + 3)]
    await ask(browsers[0])
    wrong = f"{(int(company.code) + 1) % 1_000_000:06d}"
    await asyncio.gather(*[prove(browser, wrong) for browser in browsers])
    assert await prove(browsers[0], company.code) == (401, "code_wrong")
    other = "13900000002"
    await ask(browsers[0], other)
    answers = await asyncio.gather(*[prove(browser, company.code, mobile=other) for browser in browsers])
    assert sorted(status for status, _ in answers) == [201] + [401] * (len(browsers) - 1)


async def test_messages_to_one_number_are_bounded_whoever_asks(site: Site, company: Company, clock: ManualClock) -> None:
    assert await ask(await site.browser()) == 200
    again = await (await site.browser()).post("/api/v1/visitor/code", {"mobile": MOBILE})
    assert (again.status, again.code) == (429, "too_many_attempts")
    assert int(again.headers["Retry-After"]) == 60
    clock.advance(61)
    assert await ask(await site.browser()) == 200
    clock.advance(61)
    assert await ask(await site.browser()) == 429  # the pause doubles
    assert len(company.bodies) == 2
    assert await ask(await site.browser(), "13900000009") == 200  # somebody else's number is


async def test_a_company_that_refuses_is_told_in_words(site: Site, company: Company) -> None:
    company.status = 500
    answer = await (await site.browser()).post("/api/v1/visitor/code", {"mobile": MOBILE})
    assert (answer.status, answer.code) == (503, "sms_unavailable")


async def test_sessions_end_and_numbers_are_forgotten(site: Site, company: Company, clock: ManualClock) -> None:
    browser = await site.browser()
    await ask(browser)
    await prove(browser, company.code)
    visitor = (await browser.get("/api/v1/visitor")).body["id"]
    clock.advance(LIFETIME.total_seconds())
    assert (await browser.get("/api/v1/visitor")).status == 401
    await site.identity.purge()
    await ask(browser)
    await prove(browser, company.code, name="又来了")
    back = (await browser.get("/api/v1/visitor")).body
    assert (back["id"], back["name"]) == (visitor, "又来了")  # the number was not forgotten yet
    clock.advance(IdentitySettings().forget_visitors.total_seconds() + 1)
    await site.identity.purge()
    await ask(browser)
    await prove(browser, company.code)
    assert (await browser.get("/api/v1/visitor")).body["id"] != visitor


async def test_without_public_broadcasts_nobody_is_sent_anything(sqlite_url: str, clock: ManualClock, company: Company) -> None:
    async with running_site(sqlite_url, clock, IdentitySettings(hashing=FAST)) as closed:
        answer = await (await closed.browser()).post("/api/v1/visitor/code", {"mobile": MOBILE})
        assert (answer.status, answer.code) == (404, "public_off")


async def test_a_socket_knows_the_visitor_until_the_session_ends(tmp_path: Path, company: Company, sending: TestServer) -> None:
    environment = {
        "HONGBO_ALLOW_PUBLIC": "on",
        "HONGBO_SMS_URL": str(sending.make_url("/send")),
        "HONGBO_SMS_SECRET": SIGNING.decode(),
    }
    async with site_with(tmp_path, environment=environment) as site:
        person = await site.visitor()
        await person.post("/api/v1/visitor/code", {"mobile": MOBILE})
        known = await person.post("/api/v1/visitor", {"mobile": MOBILE, "code": company.code, "name": "路过的人"})
        cookies = "; ".join(f"{each.key}={each.value}" for each in person.http.cookie_jar)
        client = wire(site, Cookie=cookies)
        sid = (await client.open())["sid"]
        await client.post(sid, "40{}")
        assert "csrf_invalid" in (await client.poll(sid)).text  # a cookie alone opens nothing, as a member's does not
        async with client.talking({"csrf": known.body["csrf"]}) as link:
            (visitor,) = [visitor_known(each.who) for each in door(site).connections()]
            assert visitor is not None
            assert (visitor.id, visitor.name) == (known.body["id"], "路过的人")
            refused = await asked(link, 1, "subscribe", {"channel": f"broadcast:{new_id()}"})
            assert refused["error"]["code"] == "sign_in_needed"  # to a visitor what is missing looks like what is for members
            await person.send("DELETE", "/api/v1/visitor")
            assert await heard(link) == "41"
