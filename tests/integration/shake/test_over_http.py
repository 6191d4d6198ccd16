"""Sessions as pages meet them: over HTTP and the socket, in the application as it is served."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from server.core.ids import new_id
from server.identity import IDENTITY, Role
from server.identity.tables import MemberRow
from server.shake.draw import commitment
from server.shake.keys import SHAKES as SHAKES_KEY
from server.shake.keys import SHAKING
from server.shake.model import SHAKES_AT_ONCE, SHAKES_PER_SECOND
from server.shake.tables import AckRow
from server.shake.vault import is_receipt
from tests.integration.broadcasts.site import Person, Site
from tests.integration.sockets.test_snapshots import member_of
from tests.support.room import Visit, visiting
from tests.support.wait import until

SHAKES = "/api/v1/shakes"


def words(*secretaries: str, **more: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    plan = {
        "title": " 七一  摇一摇 ",
        "opens_at": (now + timedelta(hours=1)).isoformat(),
        "closes_at": (now + timedelta(hours=2)).isoformat(),
        "secretaries": list(secretaries),
    }
    return plan | more


async def joined(site: Site, person: Person) -> Any:
    csrf = (await person.get("/api/v1/me")).body["csrf"]
    cookies = "; ".join(f"{each.key}={each.value}" for each in person.http.cookie_jar)
    return visiting(site.base, cookies, csrf, "websocket")


async def put_into(site: Site, branch: str, *people: Person) -> None:
    async with site.database.transaction() as session:
        for each in people:
            row = await session.get(MemberRow, each.id)
            assert row is not None
            row.branch_id = branch


async def test_a_session_is_announced_changed_shown_and_cancelled(site: Site) -> None:
    owner, member = await site.person(Role.COMMITTEE_SECRETARY, name="苏映川"), await site.person()
    announced = await owner.post(SHAKES, words(owner.id, favour=3))
    assert announced.status == 201, announced.raw.decode()
    shake = announced.body
    assert (shake["title"], shake["state"], shake["branches"]) == ("七一 摇一摇", "announced", None)
    assert (shake["talks"], shake["runs"], shake["may_shake"]) == (True, True, False)
    assert len(bytes.fromhex(shake["seed_commitment"])) == 32
    assert len(bytes.fromhex(shake["receipt_key"])) == 65
    one = f"{SHAKES}/{shake['id']}"
    seen = (await member.get(one)).body
    assert (seen["talks"], seen["runs"], seen["may_shake"]) == (False, False, True)
    assert [each["id"] for each in (await member.get(f"{SHAKES}?state=announced,open")).body["items"]] == [shake["id"]]
    assert (await member.get(f"{SHAKES}?state=closed,cancelled")).body["items"] == []
    assert (await member.get(f"{SHAKES}?state=nothing")).code == "state_unknown"

    assert (await member.send("PATCH", one, {"title": "改了"})).code == "not_yours"
    changed = await owner.send("PATCH", one, {"title": "改了", "rounds": 3})
    assert (changed.body["title"], changed.body["rounds"], changed.body["favour"]) == ("改了", 3, 3)
    assert (await owner.send("PATCH", one, {"title": None})).code == "body_invalid"
    entry = await member.get(f"{one}/calendar.ics")
    assert "SUMMARY:摇一摇：改了" in entry.raw.decode()
    assert "SEQUENCE:1" in entry.raw.decode()
    own = (await member.get(f"{one}/mine")).body
    assert own.pop("server_time")
    assert own == {
        "rounds": [], "offer": None, "talk": None, "eligible": True, "why_not": None, "words": None, "from": None
    }  # fmt: skip
    assert (await owner.get(f"{one}/mine")).body["why_not"] == "not_eligible"
    proof = (await member.get(f"{one}/proof")).body
    assert (proof["seed_commitment"], proof["rounds"], proof["seed"]) == (shake["seed_commitment"], [], None)

    address = (await member.get("/api/v1/me/calendar")).body
    feed = await (await site.visitor()).get(address["url"].partition("/api/")[1] + address["url"].partition("/api/")[2])
    assert "摇一摇：改了" in feed.raw.decode(), "it is in the calendar of the phone"
    for _ in range(2):
        assert (await owner.post(f"{one}/cancel")).body["state"] == "cancelled"
    assert (await owner.send("PATCH", one, {"title": "又改"})).code == "shake_over"
    assert (await owner.post(f"{one}/close")).code == "shake_over"


async def test_a_branch_secretary_invites_the_own_branch_and_others_find_nothing(site: Site) -> None:
    administrator = await site.person(Role.ADMINISTRATOR)
    directory, keeper = site.server.app[IDENTITY].directory, await member_of(site, administrator)
    branches = [await directory.add_branch(keeper, name=name, city="广州") for name in ("营销党支部", "生产党支部")]
    secretary = await site.person(Role.BRANCH_SECRETARY, name="支书")
    inside, outside = await site.person(), await site.person()
    await put_into(site, branches[0].id, secretary, inside)
    await put_into(site, branches[1].id, outside)
    secretary, inside, outside = [await relogged(site, each) for each in (secretary, inside, outside)]

    choices = (await secretary.get("/api/v1/shake-choices")).body
    assert (choices["everybody"], [each["id"] for each in choices["branches"]]) == (False, [branches[0].id])
    assert secretary.id in [each["id"] for each in choices["secretaries"]]
    for others in (None, [branches[1].id], [branches[0].id, branches[1].id]):
        assert (await secretary.post(SHAKES, words(secretary.id, branches=others))).code == "branch_not_yours"
    assert (await secretary.post(SHAKES, words(inside.id, branches=[branches[0].id]))).code == "secretary_invalid"
    made = await secretary.post(SHAKES, words(secretary.id, branches=[branches[0].id]))
    assert made.status == 201, made.raw.decode()
    assert made.body["branches"] == [{"id": branches[0].id, "name": "营销党支部"}]
    for path in ("", "/mine", "/proof", "/desk", "/calendar.ics"):
        answer, missing = [await outside.get(f"{SHAKES}/{each}{path}") for each in (made.body["id"], new_id())]
        assert (answer.status, answer.code) == (missing.status, missing.code) == (404, "shake_not_found")
    assert (await outside.get(SHAKES)).body["items"] == []
    assert [each["id"] for each in (await inside.get(SHAKES)).body["items"]] == [made.body["id"]]


async def relogged(site: Site, person: Person) -> Person:
    """With a session that knows of the branch."""
    async with site.database.reading() as session:
        row = await session.get(MemberRow, person.id)
        assert row is not None
    return await site.sign_in(row.mobile)


async def test_a_round_over_the_socket(site: Site) -> None:
    """The secretary's shake opens it, and everybody's joins it; its count is told while it goes on."""
    owner, secretary = await site.person(Role.COMMITTEE_SECRETARY), await site.person(Role.BRANCH_SECRETARY, name="支书")
    people = [await site.person(name=f"同志{number}") for number in range(3)]
    now = datetime.now(UTC)
    plan = words(secretary.id, opens_at=now.isoformat(), closes_at=(now + timedelta(hours=1)).isoformat(), round_seconds=120)
    shake = (await owner.post(SHAKES, plan)).body
    one, nonce = f"{SHAKES}/{shake['id']}", hashlib.sha256(b"of the page").digest()
    prepared = await secretary.post(f"{one}/rounds", {"nonce_commitment": commitment(nonce)})
    assert prepared.status == 201, prepared.raw.decode()
    async with await joined(site, secretary) as desk, await joined(site, people[0]) as phone:
        for visit in (desk, phone):
            snapshot = (await visit.call("subscribe", {"channel": f"shake:{shake['id']}"}))["snapshot"]["shake"]
            assert [each["state"] for each in snapshot["rounds"]] == ["prepared"]
        payload = {"shake": shake["id"], "client_id": new_id()}
        assert (await phone.call("shake", payload))["error"]["code"] == "round_not_open"
        opened = await desk.call("shake", {"shake": shake["id"], "client_id": new_id()})
        assert (opened["ok"], opened["opened"], opened["round"]) == (True, True, 1)
        await until(lambda: _types(phone).count("shake.opened") == 1, what="the opening")
        told = await phone.call("shake", payload)
        assert told["ok"], told
        assert await phone.call("shake", payload) == told
        said = f"{told['pseudonym']} {told['nonce']} {told['weight']} {_ms(told['at'])}\n"
        assert is_receipt(shake["receipt_key"], f"hongbo shake {shake['id']} round 1\n{said}", told["receipt"])
        (ticket,) = (await people[0].get(f"{one}/mine")).body["rounds"]
        assert ticket == {key: value for key, value in told.items() if key != "ok"}
        for person in people[1:]:
            async with await joined(site, person) as other:
                assert (await other.call("shake", {**payload, "client_id": new_id()}))["ok"]
        await until(
            lambda: any(each.get("shaking") == {"round": 1, "count": 3} for each in phone.signals), what="how many have shaken"
        )
    rounds = (await secretary.get(f"{one}/desk")).body["rounds"]
    assert [(each["state"], each["shaken"], each["by"]) for each in rounds] == [("open", 3, "支书")]
    assert (await people[0].get(f"{one}/desk")).code == "not_yours"
    assert (await people[0].get(f"{one}/rounds/1/list")).code == "round_not_found", "it is not closed"


async def test_who_shakes_on_and_on_is_told_to_wait_and_is_not_remembered_for_each_time(site: Site) -> None:
    secretary = await site.person(Role.COMMITTEE_SECRETARY)
    restless, other = await site.person(), await site.person()
    now = datetime.now(UTC)
    plan = words(secretary.id, opens_at=now.isoformat(), closes_at=(now + timedelta(hours=1)).isoformat(), round_seconds=120)
    shake = (await secretary.post(SHAKES, plan)).body["id"]
    await secretary.post(f"{SHAKES}/{shake}/rounds", {"nonce_commitment": commitment(bytes(32))})
    async with await joined(site, secretary) as desk, await joined(site, restless) as phone:
        assert (await desk.call("shake", {"shake": shake, "client_id": new_id()}))["ok"]
        first = {"shake": shake, "client_id": new_id()}
        told, refused = await phone.call("shake", first), None
        while refused is None:
            answer = await phone.call("shake", {"shake": shake, "client_id": new_id()})
            assert answer["ok"] is False or answer == told
            refused = None if answer["ok"] else answer["error"]
        assert (refused["code"], refused["message"]) == ("too_fast", "摇得太快了，请稍等一下")
        assert 1 <= refused["retry_after"] <= 1 / SHAKES_PER_SECOND + 1
        assert (await other_shakes(site, other, shake))["ok"], "nobody else waits"
    async with site.database.reading() as session:
        acks = await session.scalar(select(func.count()).select_from(AckRow))
    assert acks is not None
    assert SHAKES_AT_ONCE <= acks <= 2 * SHAKES_AT_ONCE
    shakes, member = site.server.app[SHAKES_KEY], await member_of(site, restless)
    kept = await site.server.app[SHAKING].shake(
        member, await shakes.find(member, shake), nonce=None, client_id=str(first["client_id"])
    )
    assert kept.receipt == told["receipt"], "the same asked again has the same answer"


async def other_shakes(site: Site, person: Person, shake: str) -> Any:
    async with await joined(site, person) as phone:
        return await phone.call("shake", {"shake": shake, "client_id": new_id()})


def _types(visit: Visit) -> list[str]:
    return [each["type"] for each in visit.entries]


def _ms(at: str) -> int:
    return round(datetime.fromisoformat(at).timestamp() * 1000)
