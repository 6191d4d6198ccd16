"""A TURN server (coturn) of our own, sharing a secret with us."""

import shutil
import socket
from dataclasses import dataclass

from tests.support.program import Program

SECRET = "shared-with-the-relay"  # of a relay that lives as long as a test


@dataclass
class Relay(Program):
    @property
    def url(self) -> str:
        return f"turn:127.0.0.1:{self.port}?transport=udp"

    @property
    def environment(self) -> dict[str, str]:
        """For the server whose callers it is to help."""
        return {"HONGBO_TURN": self.url, "HONGBO_TURN_SECRET": SECRET}

    @property
    def _words(self) -> list[str]:
        program = shutil.which("turnserver")
        assert program, "coturn is not installed (apt-get install coturn)"
        loopback = ["--listening-ip=127.0.0.1", "--relay-ip=127.0.0.1", "--allow-loopback-peers"]
        secret = ["--use-auth-secret", f"--static-auth-secret={SECRET}", "--realm=hongbo.test"]
        files = [f"--pidfile={self.folder}/relay.pid", f"--userdb={self.folder}/relay.db", "--log-file=stdout", "--verbose"]
        quiet = ["-n", "--no-cli", "--no-tls", "--no-dtls", "--no-multicast-peers"]
        return [program, f"--listening-port={self.port}", *loopback, *secret, *files, *quiet]

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return False
        return True


running_relay = Relay.running
