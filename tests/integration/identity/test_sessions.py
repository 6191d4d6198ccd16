"""Sessions: they end by themselves, by hand, and with the rights they stood on."""

from datetime import timedelta

from sqlalchemy import delete, func, select, update

from server.identity import Role
from server.identity.tables import MemberRoleRow, SessionRow
from tests.integration.identity.site import DAY, PASSWORD, Site


async def test_a_session_ends_after_two_weeks_without_use(site: Site) -> None:
    """ASVS 7.3.1."""
    browser, _ = await site.signed_in()
    for _ in range(3):
        site.clock.advance(13 * DAY)
        assert (await browser.get("/api/v1/me")).status == 200
        await site.identity.sessions.flush()
    site.clock.advance(14 * DAY)
    assert (await browser.get("/api/v1/me")).status == 401


async def test_a_session_ends_after_sixty_days_however_busy(site: Site) -> None:
    """ASVS 7.3.2."""
    browser, _ = await site.signed_in()
    for _ in range(59):
        site.clock.advance(DAY)
        assert (await browser.get("/api/v1/me")).status == 200
        await site.identity.sessions.flush()
    site.clock.advance(DAY)
    assert (await browser.get("/api/v1/me")).status == 401


async def test_last_use_is_written_at_most_once_a_minute(site: Site) -> None:
    browser, member_id = await site.signed_in()
    began = site.clock.now()

    async def last_seen() -> timedelta:
        await site.identity.sessions.flush()
        async with site.database.reading() as session:
            found = await session.scalar(select(SessionRow.last_seen_at).where(SessionRow.member_id == member_id))
        assert found is not None
        return found - began

    site.clock.advance(59)
    await browser.get("/api/v1/me")
    assert await last_seen() == timedelta(0)
    site.clock.advance(6)
    await browser.get("/api/v1/me")
    assert await last_seen() == timedelta(seconds=65)


async def test_one_sees_and_ends_ones_own_sessions(site: Site) -> None:
    """ASVS 7.5.2."""
    phone, member_id = await site.signed_in()
    site.clock.advance(60)
    desktop = await site.browser("Mozilla/5.0 (Windows NT 10.0) Chrome/126.0 Safari/537.36 Edg/126.0")
    await desktop.sign_in(site.mobiles[member_id])
    listed = (await phone.get("/api/v1/me/sessions")).body["items"]
    assert [(item["device"], item["current"]) for item in listed] == [("Windows · Edge", False), ("iPhone · 微信", True)]
    assert listed[0]["address"] == "127.0.0.1"
    assert listed[0]["created_at"] == "2026-07-01T12:01:00.000Z"
    assert (await phone.send("DELETE", f"/api/v1/me/sessions/{listed[0]['id']}")).status == 204
    assert (await desktop.get("/api/v1/me")).status == 401
    assert (await phone.send("DELETE", f"/api/v1/me/sessions/{listed[1]['id']}")).status == 204
    assert phone.cookie("__Host-hongbo") is None
    assert (await phone.get("/api/v1/me")).status == 401


async def test_another_persons_session_looks_like_none(site: Site) -> None:
    """ASVS 8.2.2."""
    mine, _ = await site.signed_in()
    theirs, _ = await site.signed_in()
    other = (await theirs.get("/api/v1/me/sessions")).body["items"][0]["id"]
    refusals = []
    for session_id in (other, "0190a0b0-0000-7000-8000-000000000000", "nonsense"):
        answer = await mine.send("DELETE", f"/api/v1/me/sessions/{session_id}")
        answer.body.pop("request_id")
        refusals.append((answer.status, answer.body))
    assert refusals[0][0] == 404
    assert refusals[0] == refusals[1] == refusals[2]
    assert (await theirs.get("/api/v1/me")).status == 200


async def test_staff_end_all_sessions_of_a_member(site: Site) -> None:
    """ASVS 7.4.5."""
    staff, _ = await site.signed_in(Role.AFFAIRS_STAFF)
    browser, member_id = await site.signed_in()
    assert (await staff.send("DELETE", f"/api/v1/members/{member_id}/sessions")).status == 204
    assert (await browser.get("/api/v1/me")).status == 401


async def test_disabling_a_member_ends_everything_at_once(site: Site) -> None:
    staff, _ = await site.signed_in(Role.ADMINISTRATOR)
    browser, member_id = await site.signed_in()
    answer = await staff.send("PATCH", f"/api/v1/members/{member_id}", json={"disabled": True})
    assert (answer.status, answer.body["state"]) == (200, "disabled")
    assert (await browser.get("/api/v1/me")).status == 401
    assert (await browser.sign_in(site.mobiles[member_id])).status == 401
    await staff.send("PATCH", f"/api/v1/members/{member_id}", json={"disabled": False})
    assert (await browser.sign_in(site.mobiles[member_id])).status == 200


async def test_a_role_taken_here_is_gone_with_the_next_request(site: Site) -> None:
    """ASVS 8.3.2."""
    administrator, _ = await site.signed_in(Role.ADMINISTRATOR)
    staff, staff_id = await site.signed_in(Role.AFFAIRS_STAFF)
    assert (await staff.get("/api/v1/members")).status == 200
    assert (await administrator.send("PUT", f"/api/v1/members/{staff_id}/roles", json={"roles": []})).status == 200
    refused = await staff.get("/api/v1/members")
    assert (refused.status, refused.code) == (403, "role_needed")


async def test_a_role_taken_by_another_process_is_gone_within_five_seconds(site: Site) -> None:
    staff, staff_id = await site.signed_in(Role.AFFAIRS_STAFF)
    assert (await staff.get("/api/v1/members")).status == 200
    async with site.database.transaction() as session:
        await session.execute(delete(MemberRoleRow).where(MemberRoleRow.member_id == staff_id))
    site.clock.advance(5)
    assert (await staff.get("/api/v1/members")).status == 403


async def test_a_session_ended_by_another_process_is_gone_within_five_seconds(site: Site) -> None:
    browser, member_id = await site.signed_in()
    found = (await browser.get("/api/v1/me/sessions")).body["items"][0]["id"]
    assert (await site.identity.sessions.find_by_id(found)) is not None
    async with site.database.transaction() as session:
        await session.execute(delete(SessionRow).where(SessionRow.member_id == member_id))
    site.clock.advance(5)
    assert (await browser.get("/api/v1/me")).status == 401
    assert (await site.identity.sessions.find_by_id(found)) is None


async def test_a_lookup_that_began_before_a_change_is_not_remembered(site: Site) -> None:
    """The cache must not be filled with what was read before a committed change."""
    browser, member_id = await site.signed_in()
    token = browser.cookie("__Host-hongbo") or ""
    sessions = site.identity.sessions
    sessions.forget()
    original = sessions._load

    async def slow(*arguments: object) -> object:
        found = await original(*arguments)  # type: ignore[arg-type]  # passed through as they came
        sessions.forget(member_id)  # a change is committed while this lookup is on its way
        return found

    sessions._load = slow  # type: ignore[assignment,method-assign]  # the interleaving, made certain
    assert await sessions.find(token) is not None
    assert not sessions._cache


async def test_a_member_keeps_at_most_twenty_sessions(site: Site) -> None:
    first, member_id = await site.signed_in()
    for _ in range(20):
        await site.as_member(member_id)
        site.clock.advance(60)
    assert (await first.get("/api/v1/me")).status == 401
    latest = await site.as_member(member_id)
    assert len((await latest.get("/api/v1/me/sessions")).body["items"]) == 20


async def test_ended_sessions_are_deleted_with_what_they_tell(site: Site) -> None:
    """ASVS 14.2.7: device and address are personal data."""
    idle, _ = await site.signed_in()
    kept, _ = await site.signed_in()
    site.clock.advance(13 * DAY)
    await kept.get("/api/v1/me")
    site.clock.advance(2 * DAY)
    await site.identity.purge()
    async with site.database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(SessionRow)) == 1
    assert (await kept.get("/api/v1/me")).status == 200
    assert (await idle.get("/api/v1/me")).status == 401


async def test_a_forged_or_altered_cookie_is_a_visitor(site: Site) -> None:
    browser, _ = await site.signed_in()
    token = browser.cookie("__Host-hongbo") or ""
    stranger = await site.browser()
    for forged in ("", "x", token[:-1], token + "x", token.swapcase(), "a" * 5000, "'; DROP TABLE sessions --"):
        answer = await stranger.get("/api/v1/me", headers={"Cookie": f'__Host-hongbo="{forged}"'})
        assert (answer.status, answer.code) == (401, "sign_in_needed")


async def test_only_a_hash_of_the_token_is_stored(site: Site) -> None:
    browser, member_id = await site.signed_in(password=PASSWORD)
    token = browser.cookie("__Host-hongbo") or ""
    async with site.database.reading() as session:
        row = (await session.scalars(select(SessionRow).where(SessionRow.member_id == member_id))).one()
    assert token not in str(vars(row))
    assert len(row.token_hash) == 64


async def test_the_csrf_value_belongs_to_the_session(site: Site) -> None:
    one, member_id = await site.signed_in()
    two = await site.as_member(member_id)
    first, second = (await one.get("/api/v1/me")).body["csrf"], (await two.get("/api/v1/me")).body["csrf"]
    assert first != second
    assert first == (await one.get("/api/v1/me")).body["csrf"]


async def test_an_expired_row_opens_nothing_even_before_it_is_purged(site: Site) -> None:
    browser, member_id = await site.signed_in()
    async with site.database.transaction() as session:
        await session.execute(update(SessionRow).where(SessionRow.member_id == member_id).values(expires_at=site.clock.now()))
    site.identity.sessions.forget()
    assert (await browser.get("/api/v1/me")).status == 401
