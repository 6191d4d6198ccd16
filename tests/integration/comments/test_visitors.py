"""Visitors write where the host of a public broadcast lets them: with a proven number, and shown once it was looked at."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

from server.broadcasts import State
from server.identity import ShownSms
from tests.integration.broadcasts.site import Person, Site, running_site
from tests.integration.comments.test_room import on_air, put, visit
from tests.integration.moderation.desk import decide, waiting
from tests.support.room import Visit, visiting

PUBLIC = {"HONGBO_ALLOW_PUBLIC": "on"}
MOBILE = "13900000001"


async def known(site: Site, mobile: str = MOBILE, name: str = "路过的人") -> tuple[Person, AbstractAsyncContextManager[Visit]]:
    """A visitor who has proven a number; no company sends messages here."""
    site.identity.visitors._sms = ShownSms()
    person = await site.visitor()
    code = (await person.post("/api/v1/visitor/code", {"mobile": mobile})).body["shown"]
    proven = await person.post("/api/v1/visitor", {"mobile": mobile, "code": code, "name": name})
    assert proven.status == 201, proven.raw.decode()
    cookies = "; ".join(f"{each.key}={each.value}" for each in person.http.cookie_jar)
    return person, visiting(site.base, cookies, proven.body["csrf"])


async def test_what_a_visitor_writes_is_held_and_shown_once_it_is_approved(tmp_path: Path) -> None:
    async with running_site(tmp_path, PUBLIC) as site:
        host, viewer = await site.host(), await site.person(name="封书瑶")
        broadcast = await on_air(site, host, visibility="public")
        _, entrance = await known(site)
        async with (
            entrance as visitor,
            await visit(site, viewer) as member,
            await visit(site, await site.visitor()) as stranger,
        ):
            for each in (visitor, member, stranger):
                assert (await each.subscribe(broadcast))["ok"]
            closed = await visitor.say(broadcast, "大家好")
            assert closed["error"]["code"] == "visitors_closed"
            opened = await host.send("PATCH", f"/api/v1/broadcasts/{broadcast}/room", {"visitors_comment": True})
            assert opened.status == 200
            assert (await stranger.say(broadcast, "大家好"))["error"]["code"] == "sign_in_needed"
            said = await visitor.say(broadcast, "大家好")
            assert (said["ok"], said["held"]) == (True, True)
            (held,) = await waiting(host, broadcast)
            assert held["author"]["name"] == "路过的人"
            assert held["author"]["badge"] == "visitor"
            assert MOBILE not in str(held)
            assert (await decide(host, said["id"], "approve")).status == 200
            await member.hears("大家好")
            (entry,) = [each for each in member.entries if each["type"] == "comment.posted"]
            assert entry["by"]["badge"] == "visitor"
            everything = str(member.entries) + str((await viewer.get(f"/api/v1/broadcasts/{broadcast}/comments")).body)
            assert MOBILE not in everything
            taken_back = await visitor.call("comment.remove", {"comment": said["id"], "client_id": said["id"]})
            assert taken_back == {"ok": True}
            others = await member.say(broadcast, "欢迎")
            refused = await visitor.call("comment.remove", {"comment": others["id"], "client_id": others["id"]})
            assert refused["error"]["code"] == "not_yours"
            waits = await visitor.say(broadcast, "再说一句")
            assert await visitor.call("comment.remove", {"comment": waits["id"], "client_id": waits["id"]}) == {"ok": True}
            assert await waiting(host, broadcast) == []


async def test_what_is_not_public_is_no_visitors_business_proven_or_not(tmp_path: Path) -> None:
    async with running_site(tmp_path, PUBLIC) as site:
        host = await site.host()
        broadcast = await on_air(site, host, visibility="employees")
        await put(site, broadcast, visitors_comment=True, state=State.LIVE)
        _, entrance = await known(site)
        async with entrance as visitor:
            assert (await visitor.subscribe(broadcast))["error"]["code"] == "sign_in_needed"
            assert (await visitor.say(broadcast, "大家好"))["error"]["code"] == "sign_in_needed"


async def test_a_muted_visitor_is_told_so_and_why(tmp_path: Path) -> None:
    async with running_site(tmp_path, PUBLIC) as site:
        host = await site.host()
        broadcast = await on_air(site, host, visibility="public")
        await put(site, broadcast, visitors_comment=True)
        person, entrance = await known(site)
        visitor_id = (await person.get("/api/v1/visitor")).body["id"]
        async with entrance as visitor:
            held = await visitor.say(broadcast, "广告")
            assert held["ok"]
            muted = await host.post(
                f"/api/v1/broadcasts/{broadcast}/mutes", {"member": visitor_id, "minutes": None, "reason": "发广告"}
            )
            assert muted.status == 201, muted.raw.decode()
            refused = await visitor.say(broadcast, "又一条广告")
            assert refused["error"]["code"] == "muted"
            assert "发广告" in refused["error"]["message"]
