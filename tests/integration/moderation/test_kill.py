"""kill -9 with something held: what was acknowledged is there, and is answered as before."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp

from server.core.ids import new_id
from tests.support.onair import broadcast_on_air
from tests.support.room import Visit, visiting
from tests.support.serving import Serving


async def _visit(stack: AsyncExitStack, serving: Serving, http: aiohttp.ClientSession) -> Visit:
    async with http.get("/api/v1/me") as answer:
        csrf = (await answer.json())["csrf"]
    cookies = "; ".join(f"{each.key}={each.value}" for each in http.cookie_jar)
    return await stack.enter_async_context(visiting(serving.url, cookies, csrf, "websocket"))


async def _decided(http: aiohttp.ClientSession, held: str, decision: str) -> None:
    async with http.post(f"/api/v1/held/{held}/{decision}", json={"reason": "与主题无关"}) as answer:
        assert answer.status == 200, await answer.text()


async def test_what_was_held_approved_and_rejected_is_so_after_kill_9(tmp_path: Path) -> None:
    serving = Serving(tmp_path, environment={"MEDIA_ADVERTISE": "127.0.0.1"})
    await serving.start()
    async with AsyncExitStack() as whole:
        whole.push_async_callback(serving.stop)
        await serving.set_up()
        host, viewer = [await serving.signed_in(mobile) for mobile in ("10000000006", "10000000010")]
        for http in (host, viewer):
            whole.push_async_callback(http.close)
        client_ids = {text: new_id() for text in ("等着", "通过", "拒绝")}
        async with AsyncExitStack() as before:
            broadcast = await broadcast_on_air(host, before, comment_mode="pre_moderated")
            writer = await _visit(before, serving, viewer)
            held: dict[str, Any] = {
                text: await writer.say(broadcast, text, client_id=each) for text, each in client_ids.items()
            }
            assert all(answer["held"] for answer in held.values())
            await _decided(host, held["通过"]["id"], "approve")
            await _decided(host, held["拒绝"]["id"], "reject")
            await serving.kill()
        await serving.start()

        writer = await _visit(whole, serving, viewer)
        again = {text: await writer.say(broadcast, text, client_id=each) for text, each in client_ids.items()}
        assert again["等着"] == held["等着"]
        assert again["通过"] == {"ok": True, "id": held["通过"]["id"], "offset": again["通过"]["offset"], "held": False}
        assert again["拒绝"]["error"]["code"] == "comment_rejected"
        async with host.get(f"/api/v1/broadcasts/{broadcast}/held") as answer:
            assert [item["text"] for item in (await answer.json())["items"]] == ["等着"]
        async with host.get(f"/api/v1/broadcasts/{broadcast}/comments") as answer:
            assert [item["data"]["text"] for item in (await answer.json())["items"]] == ["通过"]
        await _decided(host, held["等着"]["id"], "approve")
