"""A Redis server of our own."""

from dataclasses import dataclass

import redis

from tests.support.program import Program


@dataclass
class RedisServer(Program):
    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def _words(self) -> list[str]:
        place = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)]
        return ["redis-server", *place, "--save", "", "--appendonly", "yes"]

    def _answers(self) -> bool:
        with redis.Redis(port=self.port) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False

    def command(self, *words: str) -> None:
        """As an operator at `redis-cli`."""
        with redis.Redis(port=self.port) as client:
            client.execute_command(*words)


running_redis = RedisServer.running
