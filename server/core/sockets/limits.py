"""What the socket layer allows. Numbers of the Engine.IO handshake are in seconds here and in milliseconds on the wire."""

from dataclasses import dataclass

VISITORS_OF_PUBLIC = 10_000  # connections of visitors where broadcasts may be public


@dataclass(frozen=True, slots=True)
class SocketLimits:
    ping_interval: float = 4.0  # s; so soon it shows that a phone has died, see `Connection.heard_at` (docs/decisions/0401)
    ping_timeout: float = 20.0  # s
    upgrade_timeout: float = 10.0  # s from a WebSocket's opening to the end of the probe
    connect_timeout: float = 10.0  # s from the handshake to the CONNECT of Socket.IO
    max_payload: int = 64 * 1024  # bytes of one message or polling request; a comment has 200 characters
    most_packets: int = 64  # in one polling request
    most_unsent: int = 1024 * 1024  # bytes; whoever is further behind is cut and comes back
    deflate: bool = True
    connections: int = 20_000  # of members
    visitors: int = 100  # connections of visitors, beside those; without public broadcasts there is nothing for them to hear
    connections_per_address: int = 2_000  # of members, and so many of visitors; a whole factory may sit behind one address
    connections_per_member: int = 20
    events_per_second: float = 20.0  # of one connection, on average
    events_burst: int = 60
    rights_every: float = 2.0  # s between two looks; identity remembers a session for five seconds more
