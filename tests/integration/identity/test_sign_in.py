"""Signing in: one answer for every failure, the growing delay, the cookie."""

import asyncio

import pytest
from structlog.testing import capture_logs

from server.identity import IdentitySettings, Role
from tests.integration.identity.site import FAST, PASSWORD, Site


async def test_the_right_password_opens_a_session(site: Site) -> None:
    branch = await site.add_branch("华东党支部", "南京")
    member_id = await site.add_member(Role.RED_HOST, name="林晓", branch_id=branch)
    browser = await site.browser()
    assert (await browser.get("/api/v1/me")).status == 401
    answer = await browser.sign_in(f"+86 {site.mobiles[member_id]}")
    expected = {
        "id": member_id,
        "name": "林晓",
        "mobile_tail": "0001",
        "branch": {"id": branch, "name": "华东党支部"},
        "status": "full",
    }
    assert (answer.status, answer.body) == (200, {"member": expected})
    me = (await browser.get("/api/v1/me")).body
    assert me["member"] == expected
    assert me["roles"] == ["red_host"]
    assert me["brand"] == "立白党建"
    assert me["public_broadcasts"] is False
    assert len(me["csrf"]) == 64
    assert (await browser.send("DELETE", "/api/v1/session")).status == 204
    assert browser.cookie("__Host-hongbo") is None
    assert (await browser.get("/api/v1/me")).status == 401


async def test_the_cookie_keeps_the_rules_of_its_name(site: Site) -> None:
    """ASVS 3.3.1 to 3.3.4: `__Host-`, Secure, HttpOnly, SameSite."""
    member_id = await site.add_member()
    browser = await site.browser()
    answer = await browser.sign_in(site.mobiles[member_id])
    for cookie in (answer.cookies["__Host-hongbo"], answer.cookies["__Host-hongbo-device"]):
        assert cookie["secure"]
        assert cookie["httponly"]
        assert cookie["samesite"] == "Lax"
        assert cookie["path"] == "/"
        assert not cookie["domain"]


async def test_a_plain_http_address_gets_a_plain_cookie(site: Site) -> None:
    member_id = await site.add_member()
    browser = await site.browser()
    lan = {"Host": "192.168.1.20:8080"}
    answer = await browser.sign_in(site.mobiles[member_id], headers=lan)
    cookie = answer.cookies["hongbo"]
    assert not cookie["secure"]
    assert cookie["httponly"]
    # Only the name that fits the address is read: the plain cookie is nothing to the secure site.
    token = {"Cookie": f"hongbo={cookie.value}"}
    stranger = await site.browser()
    assert (await stranger.get("/api/v1/me", headers=lan | token)).status == 200
    assert (await stranger.get("/api/v1/me", headers=token)).status == 401


async def test_every_failure_looks_and_works_alike(site: Site) -> None:
    """ASVS 6.3.8: unknown, wrong, invited and disabled differ neither in the answer nor in the work done."""
    known = await site.add_member()
    invited = await site.add_member(password=None)
    disabled = await site.add_member()
    staff, _ = await site.signed_in(Role.ADMINISTRATOR)
    assert (await staff.send("PATCH", f"/api/v1/members/{disabled}", json={"disabled": True})).status == 200
    attempts = [
        (site.mobiles[known], "something else entirely"),
        ("13999999999", PASSWORD),
        ("not a number", PASSWORD),
        (site.mobiles[invited], PASSWORD),
        (site.mobiles[disabled], PASSWORD),
    ]
    seen = []
    for mobile, password in attempts:
        before = site.identity.passwords.verifications
        answer = await (await site.browser()).sign_in(mobile, password)
        answer.body.pop("request_id")
        seen.append((answer.status, answer.body, site.identity.passwords.verifications - before, dict(answer.cookies)))
    assert all(each == seen[0] for each in seen)
    assert (seen[0][0], seen[0][1]["code"], seen[0][2], seen[0][3]) == (401, "sign_in_failed", 1, {})


async def test_five_wrong_passwords_start_a_delay_that_even_the_right_one_waits_for(site: Site) -> None:
    mobile = site.mobiles[await site.add_member()]
    browser = await site.browser()
    for _ in range(5):
        assert (await browser.sign_in(mobile, "wrong wrong")).status == 401
    refused = await browser.sign_in(mobile)
    assert (refused.status, refused.code, refused.headers["Retry-After"]) == (429, "too_many_attempts", "15")
    site.clock.advance(15)
    assert (await browser.sign_in(mobile)).status == 200


async def test_an_unknown_number_is_delayed_just_like_a_known_one(site: Site) -> None:
    statuses = [(await (await site.browser()).sign_in("13999999999", "wrong wrong")).status for _ in range(6)]
    assert statuses == [401] * 5 + [429]


async def test_parallel_guesses_are_each_charged(site: Site) -> None:
    mobile = site.mobiles[await site.add_member()]
    browser = await site.browser()
    before = site.identity.passwords.verifications
    answers = await asyncio.gather(*(browser.sign_in(mobile, f"wrong wrong {n}") for n in range(40)))
    assert sorted(answer.status for answer in answers) == [401] * 5 + [429] * 35
    assert site.identity.passwords.verifications - before == 5


async def test_a_browser_that_was_signed_in_before_is_not_locked_out_by_others(site: Site) -> None:
    mobile = site.mobiles[await site.add_member()]
    own, attacker = await site.browser(), await site.browser()
    assert (await own.sign_in(mobile)).status == 200
    assert (await own.send("DELETE", "/api/v1/session")).status == 204
    while (await attacker.sign_in(mobile, "wrong wrong")).status != 429:
        pass
    assert (await (await site.browser()).sign_in(mobile)).status == 429
    assert (await own.sign_in(mobile)).status == 200


async def test_a_device_mark_helps_nobody_else_and_is_itself_counted(site: Site) -> None:
    mine, other = await site.add_member(), await site.add_member()
    browser = await site.as_member(mine)
    for _ in range(5):
        assert (await browser.sign_in(site.mobiles[mine], "wrong wrong")).status == 401
    assert (await browser.sign_in(site.mobiles[mine])).status == 429
    for _ in range(5):
        assert (await browser.sign_in(site.mobiles[other], "wrong wrong")).status == 401
    assert (await browser.sign_in(site.mobiles[other])).status == 429


async def test_one_address_cannot_try_number_after_number(site: Site) -> None:
    browser = await site.browser()
    statuses = [(await browser.sign_in(f"139{n:08d}", "wrong wrong")).status for n in range(40)]
    assert statuses[:31] == [401] * 31
    assert statuses[31:] == [429] * 9
    # A browser with a device mark behind the same address is not touched by it.
    member_id = await site.add_member()
    site.clock.advance(3600)
    known = await site.as_member(member_id)
    for n in range(40):
        await browser.sign_in(f"138{n:08d}", "wrong wrong")
    assert (await (await site.browser()).sign_in(site.mobiles[member_id])).status == 429
    assert (await known.sign_in(site.mobiles[member_id])).status == 200


async def test_success_forgives_earlier_mistakes(site: Site) -> None:
    mobile = site.mobiles[await site.add_member()]
    browser = await site.browser()
    for _ in range(3):
        for _ in range(4):
            assert (await browser.sign_in(mobile, "wrong wrong")).status == 401
        assert (await browser.sign_in(mobile)).status == 200
        browser.session.cookie_jar.clear()


async def test_a_new_sign_in_makes_a_new_token_and_ends_the_one_before(site: Site) -> None:
    mobile = site.mobiles[await site.add_member()]
    browser = await site.browser()
    await browser.sign_in(mobile)
    first = browser.cookie("__Host-hongbo")
    assert first is not None
    assert len(first) >= 43
    await browser.sign_in(mobile)
    assert browser.cookie("__Host-hongbo") != first
    stale = await (await site.browser()).get("/api/v1/me", headers={"Cookie": f"__Host-hongbo={first}"})
    assert stale.status == 401


class TestOverload:
    @pytest.fixture
    def identity_settings(self) -> IdentitySettings:
        hashing = type(FAST)(time_cost=1, memory_kib=8, workers=1, waiting=1)
        return IdentitySettings(hashing=hashing)

    async def test_a_burst_beyond_the_queue_is_told_to_come_back(self, site: Site) -> None:
        """ASVS 15.2.2: hashes are bounded; the overflow costs nothing and is not charged to the account."""
        mobiles = [site.mobiles[await site.add_member()] for _ in range(12)]
        browser = await site.browser()
        answers = await asyncio.gather(*(browser.sign_in(mobile, headers={"Cookie": ""}) for mobile in mobiles))
        statuses = {answer.status for answer in answers}
        assert statuses == {200, 503}
        busy = next(answer for answer in answers if answer.status == 503)
        assert busy.code == "too_busy"
        assert int(busy.headers["Retry-After"]) >= 1


@pytest.mark.parametrize(
    "body",
    [
        {"mobile": "13800000001"},
        {"mobile": "13800000001", "password": "x", "role": "administrator"},
        {"mobile": 13800000001, "password": "x"},
        {"mobile": "138\u00000001", "password": "x"},
        {"mobile": "1", "password": "x" * 257},
        {"mobile": "1", "password": "\ud800"},
        [],
    ],
)
async def test_malformed_bodies_are_refused(site: Site, body: object) -> None:
    answer = await (await site.browser()).post("/api/v1/session", body)
    assert (answer.status, answer.code) == (400, "body_invalid")


async def test_the_log_tells_who_without_telling_secrets(site: Site) -> None:
    """ASVS 16.2.5 and 16.3.1."""
    member_id = await site.add_member(name="林晓")
    mobile = site.mobiles[member_id]
    browser = await site.browser()
    with capture_logs() as logs:
        await browser.sign_in(mobile, "wrong wrong")
        await browser.sign_in(mobile)
        await browser.send("DELETE", "/api/v1/session")
    events = [(entry["event"], entry.get("member_id")) for entry in logs if entry["event"] != "request"]
    assert events == [("sign_in_refused", member_id), ("signed_in", member_id), ("signed_out", member_id)]
    text = str(logs)
    token = browser.cookie("__Host-hongbo-device") or ""
    assert not [secret for secret in (mobile, mobile[-4:] + "'", PASSWORD, "wrong wrong", "林晓", token) if secret in text]
