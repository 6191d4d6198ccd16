"""The house, with one honcho for all of it or one for each process."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from tests.integration.deployment.proxy import configuration, running_nginx
from tests.integration.deployment.site import PARTS, House
from tests.support.certificate import make_certificate
from tests.support.redis import running_redis
from tests.support.serving import free_port

MakeHouse = Callable[..., Awaitable[House]]


@pytest.fixture
async def make_house(tmp_path: Path, postgres_url: str) -> AsyncIterator[MakeHouse]:
    async with AsyncExitStack() as stack:

        async def make(*, apart: bool = False) -> House:
            """Started and set up. `apart`: each process can end without the others."""
            redis_folder, nginx_folder, data = (tmp_path / name for name in ("redis", "nginx", "data"))
            for folder in (redis_folder, nginx_folder, data):
                folder.mkdir()
            redis = stack.enter_context(running_redis(redis_folder))
            certificate, _ = make_certificate(nginx_folder, "localhost")
            house = House(
                data,
                environment={"DATABASE_URL": postgres_url, "REDIS_URL": redis.url},
                trust=ssl.create_default_context(cafile=certificate),
                groups=[(part,) for part in PARTS] if apart else [PARTS],
            )
            shipped = configuration(
                nginx_folder, port=house.port, plain_port=free_port(), web=house.web_port, media=house.media_port
            )
            stack.enter_context(running_nginx(nginx_folder, shipped))
            stack.push_async_callback(house.abandon)
            await house.start()
            await house.set_up()
            return house

        yield make
