"""Scheduling, editing, cancelling over HTTP."""

from typing import Any

import pytest
from sqlalchemy import delete, select

from server.core.http.idempotency import IdempotencyKey
from server.identity import Role, Status
from server.identity.tables import MemberRoleRow
from tests.integration.broadcasts.site import PLAN, Site

ONE = "/api/v1/broadcasts"


async def test_a_host_schedules_and_gets_what_is_needed_to_send(site: Site) -> None:
    host, helper = await site.host(), await site.host("江一苇")
    made = await host.schedule(title="  “七月的红船”\t直播党课 ", intro="第一段 \r\n\r\n第二段\n", co_hosts=[helper.id])
    assert (made["title"], made["intro"]) == ("“七月的红船” 直播党课", "第一段\n\n第二段")
    assert (made["state"], made["starts_at"], made["minutes_planned"]) == ("scheduled", "2030-07-01T01:00:00.000Z", 60)
    assert made["host"] == {"id": host.id, "name": "闻小满"}
    assert made["co_hosts"] == [{"id": helper.id, "name": "江一苇"}]
    assert made["can"] == {"manage": True, "publish": True, "moderate": False, "discard": False}
    assert made["link"] == f"http://localhost:8080/b/{made['id']}"
    assert made["whip"]["url"] == f"http://localhost:8080/whip/{made['id']}"
    assert made["whip"]["expires_at"] == "2030-07-01T14:00:00.000Z"
    assert (made["playback"], made["replay"]["state"], made["viewers"], made["warnings"]) == (None, "none", 0, [])
    assert made["server_time"].endswith("Z")
    theirs = await helper.look(made)
    assert theirs["can"] == {"manage": False, "publish": True, "moderate": False, "discard": False}
    assert theirs["whip"]["token"] != made["whip"]["token"]
    viewer = await (await site.person()).look(made)
    assert (viewer["whip"], viewer["can"]["publish"]) == (None, False)
    listed = (await host.get(ONE)).body["items"]
    assert [each["whip"] for each in listed] == [None], "tokens are never in lists"


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"title": " \u200b\u202e "},
        {"title": "长" * 81},
        {"intro": "长" * 2001},
        {"starts_at": "2030-07-01T01:00:00"},
        {"starts_at": "1921-07-23T00:00:00Z"},
        {"starts_at": "tomorrow"},
        {"visibility": "everybody"},
        {"comment_mode": None},
        {"minutes_planned": 4},
        {"minutes_planned": 721},
        {"orientation": "square"},
        {"co_hosts": ["x"] * 9},
        {"state": "live"},
        {"host_id": "x"},
        {"id": "x"},
        {"replay_published": True},
    ],
)
async def test_what_is_no_broadcast_is_refused(site: Site, change: dict[str, Any]) -> None:
    host = await site.host()
    answer = await host.post(ONE, PLAN | change)
    assert (answer.status, answer.code) == (400, "body_invalid")
    assert answer.body["fields"][0]["field"].split(".")[0] in change
    assert await host.listed() == []


async def test_controls_that_hide_or_turn_text_are_taken_out(site: Site) -> None:
    made = await (await site.host()).schedule(title="党\u202e课\x00\ufeff", intro="<b>a</b>\u2066\n\x1bb")
    assert (made["title"], made["intro"]) == ("党课", "<b>a</b>\nb")


async def test_only_red_hosts_schedule_and_only_red_hosts_help(site: Site) -> None:
    member, host = await site.person(Role.ADMINISTRATOR), await site.host()
    assert (await member.post(ONE, PLAN)).code == "role_needed"
    for wrong in (member.id, host.id[:-1] + "x", "x"):
        assert (await host.post(ONE, PLAN | {"co_hosts": [wrong]})).code == "co_host_unknown"
    made = await host.schedule(co_hosts=[host.id])
    assert made["co_hosts"] == []


async def test_the_same_key_schedules_once(site: Site) -> None:
    host = await site.host()
    key = {"Idempotency-Key": "b7c1f8e0-1"}
    first, again = [await host.post(ONE, PLAN, headers=key) for _ in range(2)]
    assert (first.status, again.status) == (201, 201)
    assert first.body == again.body
    assert (await host.post(ONE, PLAN | {"title": "另一场"}, headers=key)).status == 409
    assert await host.listed() == [first.body["id"]]


async def test_a_kept_answer_holds_no_publish_token_and_a_replay_gives_the_present_one(site: Site) -> None:
    host = await site.host()
    key = {"Idempotency-Key": "b7c1f8e0-2"}
    first = (await host.post(ONE, PLAN, headers=key)).body
    async with site.database.reading() as session:
        kept = (await session.scalars(select(IdempotencyKey.answer))).all()
    assert len(kept) == 1
    assert first["whip"]["token"] not in str(kept)
    assert "hp1." not in str(kept)
    renewed = (await host.post(f"{ONE}/{first['id']}/whip-token")).body["whip"]
    again = await host.post(ONE, PLAN, headers=key)
    assert (again.status, again.headers["Idempotent-Replayed"]) == (201, "true")
    assert again.body == first | {"whip": renewed}
    await host.act(first, "cancel")
    assert (await host.post(ONE, PLAN, headers=key)).body["whip"] is None
    async with site.database.transaction() as session:
        await session.execute(delete(MemberRoleRow).filter_by(member_id=host.id))
    site.identity.sessions.forget(host.id)
    assert (await host.post(ONE, PLAN, headers=key)).code == "role_needed"


async def test_the_host_edits_and_the_calendar_notices(site: Site) -> None:
    host, helper = await site.host(), await site.host("江一苇")
    made = await host.schedule(co_hosts=[helper.id])
    path = f"{ONE}/{made['id']}"
    edited = await host.send("PATCH", path, {"title": "新题", "starts_at": "2030-07-02T09:30:00+08:00", "co_hosts": []})
    assert (edited.status, edited.body["title"], edited.body["co_hosts"]) == (200, "新题", [])
    assert edited.body["starts_at"] == "2030-07-02T01:30:00.000Z"
    assert edited.body["intro"] == made["intro"]
    entry = (await host.get(f"{path}/calendar.ics")).raw.decode()
    assert "SEQUENCE:1\r\n" in entry
    assert "SUMMARY:新题\r\n" in entry
    assert (await host.send("PATCH", path, {"intro": None})).body["title"] == "新题"
    assert (await host.send("PATCH", path, {"state": "live"})).status == 400
    assert (await helper.send("PATCH", path, {"title": "他人"})).code == "host_needed"
    cancelled = await host.act(made, "cancel")
    assert (cancelled["state"], cancelled["whip"]) == ("cancelled", None)
    assert (await host.act(made, "cancel"))["state"] == "cancelled", "the same answer the second time"
    assert (await host.send("PATCH", path, {"title": "迟到"})).code == "broadcast_over"
    assert (await host.post(f"{path}/whip-token")).code == "broadcast_over"


async def test_public_is_off_unless_the_operator_turns_it_on(site: Site) -> None:
    host = await site.host()
    assert (await host.post(ONE, PLAN | {"visibility": "public"})).code == "public_off"
    made = await host.schedule()
    answer = await host.send("PATCH", f"{ONE}/{made['id']}", {"visibility": "public"})
    assert (answer.status, answer.code) == (409, "public_off")


class TestPublic:
    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {"HONGBO_ALLOW_PUBLIC": "on"}

    async def test_the_host_is_told_of_the_licence_duty_and_visitors_see_it(self, site: Site) -> None:
        host, visitor = await site.host(), await site.visitor()
        made, inside = await host.schedule(visibility="public"), await host.schedule()
        assert "许可证" in made["warnings"][0]
        assert (await visitor.look(made))["warnings"] == []
        assert await visitor.listed() == [made["id"]]
        hidden = await visitor.get(f"{ONE}/{inside['id']}")
        missing = await visitor.get(f"{ONE}/{host.id}")
        assert (hidden.status, hidden.code) == (missing.status, missing.code) == (401, "sign_in_needed")


class TestBehindAFirewall:
    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {"ICE_SERVERS": "stun:stun.example:3478,turn:hong:p%40w@turn.example:3478?transport=tcp"}

    async def test_ice_servers_come_with_the_token_and_with_nothing_else(self, site: Site) -> None:
        host, helper = await site.host(), await site.host("江一苇")
        made = await host.schedule(co_hosts=[helper.id])
        servers = [
            {"urls": "stun:stun.example:3478", "username": None, "credential": None},
            {"urls": "turn:turn.example:3478?transport=tcp", "username": "hong", "credential": "p@w"},
        ]
        for person in (host, helper):
            assert (await person.look(made))["whip"]["ice_servers"] == servers
        assert (await host.post(f"{ONE}/{made['id']}/whip-token")).body["whip"]["ice_servers"] == servers
        for person in (await site.person(), await site.host("别的主播"), await site.person(Role.MODERATOR, Role.ADMINISTRATOR)):
            assert "turn" not in (await person.get(f"{ONE}/{made['id']}")).raw.decode()
            assert "turn" not in (await person.get(ONE)).raw.decode()


async def test_hosts_are_found_by_name_and_never_by_mobile(site: Site) -> None:
    host = await site.host("闻小满")
    await site.host("江一苇")
    await site.person(name="江不是主播")
    found = (await host.get("/api/v1/hosts?q=江")).body["items"]
    assert [(each["name"], each.keys()) for each in found] == [("江一苇", {"id", "name", "branch"})]
    assert (await host.get("/api/v1/hosts?q=138")).body["items"] == []
    assert len((await host.get("/api/v1/hosts")).body["items"]) == 2
    assert (await host.get("/api/v1/hosts?q=%25_'")).body["items"] == []


async def test_a_lost_role_takes_the_pen_away(site: Site) -> None:
    host, administrator = await site.host(), await site.person(Role.ADMINISTRATOR)
    made = await host.schedule(visibility="members")
    assert (await administrator.send("PUT", f"/api/v1/members/{host.id}/roles", {"roles": []})).status == 200
    answer = await host.send("PATCH", f"{ONE}/{made['id']}", {"title": "新题"})
    assert (answer.status, answer.code) == (403, "host_needed")
    assert (await host.look(made))["whip"] is None


async def test_retired_and_probationary_members_see_members_broadcasts_and_employees_do_not(site: Site) -> None:
    made = await (await site.host()).schedule(visibility="members")
    seen = {}
    for status in Status:
        person = await site.person(status=status)
        seen[status.value] = (await person.get(f"{ONE}/{made['id']}")).status
        assert await person.listed() == ([made["id"]] if seen[status.value] == 200 else [])
        for part in ("calendar.ics", "qr.svg", "poster.jpg", "download"):
            assert ((await person.get(f"{ONE}/{made['id']}/{part}")).code == "broadcast_not_found") == (status == "employee")
    assert seen == {"full": 200, "probationary": 200, "retired": 200, "employee": 404}
