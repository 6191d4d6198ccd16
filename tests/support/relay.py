"""A TURN server (coturn) of our own: on loopback, sharing a secret with us, stopped and started as a test likes."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.serving import free_port

SECRET = "shared-with-the-relay"  # of a relay that lives as long as a test


@dataclass
class Relay:
    folder: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"turn:127.0.0.1:{self.port}?transport=udp"

    @property
    def environment(self) -> dict[str, str]:
        """For the server whose callers it is to help."""
        return {"HONGBO_TURN": self.url, "HONGBO_TURN_SECRET": SECRET}

    @property
    def log(self) -> str:
        return (self.folder / "relay.log").read_text(errors="replace")

    def start(self) -> None:
        program = shutil.which("turnserver")
        assert program, "coturn is not installed (apt-get install coturn)"
        loopback = ["--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--allow-loopback-peers"]
        secret = ["--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=hongbo.test"]
        files = [f"--pidfile={self.folder}/relay.pid", f"--userdb={self.folder}/relay.db", "--log-file=stdout", "--verbose"]
        quiet = ["-n", "--no-cli", "--no-tls", "--no-dtls", "--no-multicast-peers"]
        command = [program, f"--listening-port={self.port}", *loopback, *secret, *files, *quiet]
        with (self.folder / "relay.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder)
        deadline = time.monotonic() + 10
        while not self._listens():
            assert self.process.poll() is None, self.log
            assert time.monotonic() < deadline, "the relay does not come up"
            time.sleep(0.02)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """As a machine goes whose power is cut: nobody is told."""
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(10)
            self.process = None


@contextmanager
def running_relay(folder: Path) -> Iterator[Relay]:
    folder.mkdir(exist_ok=True)
    relay = Relay(folder, free_port())
    relay.start()
    try:
        yield relay
    finally:
        relay.kill()
