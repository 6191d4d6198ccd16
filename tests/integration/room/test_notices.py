"""What those who keep a room tell everybody in it, over real sockets, and what is left of it for replays."""

from typing import Any

from server.broadcasts import KIND, State, channel_of
from server.core.fanout import HUB
from server.core.ids import new_id
from server.identity import Role
from server.room import NOTICES
from tests.integration.broadcasts.site import Site
from tests.integration.comments.test_room import on_air, put, visit
from tests.support.room import Visit
from tests.support.wait import until


async def say(who: Visit, event: str, broadcast: str, text: str, client_id: str | None = None) -> Any:
    answer = await who.call(event, {"broadcast": broadcast, "text": text, "client_id": client_id or new_id()})
    return answer["id"] if answer["ok"] else answer["error"]["code"]


async def shown_to_newcomers(site: Site, broadcast: str) -> Any:
    _, state = await site.server.app[HUB].snapshot(channel_of(broadcast), KIND, broadcast)
    return state["notices"]


async def test_a_notice_is_pinned_replaced_and_taken_down_before_everybodys_eyes(site: Site) -> None:
    host, moderator, viewer = await site.host(), await site.person(Role.MODERATOR, name="桑见远"), await site.person()
    broadcast = await on_air(site, host)
    async with await visit(site, host) as keeper, await visit(site, moderator) as other, await visit(site, viewer) as seer:
        await seer.subscribe(broadcast)
        assert await say(seer, "notice.pin", broadcast, "我来置顶") == "keeper_needed"
        assert await say(keeper, "notice.pin", broadcast, "  ") == "text_empty"
        assert await say(keeper, "notice.pin", broadcast, "长" * 201) == "text_too_long"
        again = new_id()
        first = await say(keeper, "notice.pin", broadcast, "课件见 https://example.com", again)
        assert await say(keeper, "notice.pin", broadcast, "课件见 https://example.com", again) == first
        assert await say(keeper, "notice.pin", broadcast, "另一条", again) == "client_id_reused"
        assert await say(keeper, "notice.announce", broadcast, "课件见 https://example.com", again) == "client_id_reused"
        second = await say(other, "notice.pin", broadcast, "八点开始提问")
        await say(keeper, "notice.announce", broadcast, "请大家保持网络畅通")
        shown = await shown_to_newcomers(site, broadcast)
        assert shown["pinned"]["data"] == {"id": second, "text": "八点开始提问"}
        assert shown["announced"]["data"]["text"] == "请大家保持网络畅通"
        for _ in range(2):
            assert (await keeper.call("notice.unpin", {"notice": second, "client_id": new_id()}))["ok"]
        wanted = ["notice.pinned", "notice.pinned", "notice.announced", "notice.unpinned"]
        await until(lambda: [each["type"] for each in seer.entries] == wanted, what=f"{wanted}")
        assert [each["by"]["name"] for each in seer.entries] == ["闻小满", "桑见远", "闻小满", "闻小满"]
        await put(site, broadcast, state=State.ENDED, ended_at=site.service.now())
        assert await say(keeper, "notice.pin", broadcast, "谢谢大家") == "broadcast_over"
        assert (await shown_to_newcomers(site, broadcast))["pinned"] is None
    items = (await viewer.get(f"/api/v1/broadcasts/{broadcast}/notices")).body["items"]
    kinds = [(item["kind"], item["text"], item["until"] is None) for item in items]
    assert kinds == [
        ("pinned", "课件见 https://example.com", False),
        ("pinned", "八点开始提问", False),
        ("announced", "请大家保持网络畅通", True),
    ]
    assert items[0]["at"] <= items[0]["until"] <= items[1]["at"], "the second took the place of the first"
    async with site.database.transaction() as session:
        await site.server.app[NOTICES].purge(session, broadcast)
    assert (await viewer.get(f"/api/v1/broadcasts/{broadcast}/notices")).body["items"] == []


async def test_rights_to_keep_a_room_end_with_the_name_in_it(site: Site) -> None:
    host, co_host = await site.host(), await site.host(name="乔望舒")
    made = await host.schedule(co_hosts=[co_host.id])
    path = f"/api/v1/broadcasts/{made['id']}"
    async with await visit(site, co_host) as other:
        first = await say(other, "notice.pin", made["id"], "今晚八点开始")
        assert (await co_host.send("PATCH", f"{path}/room", {"muted": True})).status == 200
        assert (await host.send("PATCH", path, {"co_hosts": []})).status == 200
        assert await say(other, "notice.pin", made["id"], "改到九点") == "keeper_needed"
        answer = await other.call("notice.unpin", {"notice": first, "client_id": new_id()})
        assert answer["error"]["code"] == "keeper_needed"
    assert (await co_host.send("PATCH", f"{path}/room", {"muted": False})).code == "keeper_needed"
