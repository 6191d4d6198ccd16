"""A broadcast on air, sent by a small publisher without a browser."""

from contextlib import AsyncExitStack
from typing import Any

import aiohttp

from tests.support.publishing import Publisher
from tests.support.wait import until

PLAN = {"title": "主题党日", "starts_at": "2030-07-01T01:00:00Z", "visibility": "employees", "comment_mode": "post_moderated"}


async def broadcast_on_air(host: aiohttp.ClientSession, stack: AsyncExitStack, **more: Any) -> str:
    """Its id; the publisher stops with `stack`."""
    async with host.post("/api/v1/broadcasts", json=PLAN | more) as answer:
        assert answer.status == 201, await answer.text()
        broadcast = await answer.json()
    publisher = Publisher()
    stack.push_async_callback(publisher.close)
    await publisher.publish(host, broadcast["id"], broadcast["whip"]["token"])

    async def live() -> bool:
        async with host.post(f"/api/v1/broadcasts/{broadcast['id']}/live") as answer:
            return answer.status == 200

    await until(live, every=0.2, what="the broadcast on air")
    return str(broadcast["id"])
