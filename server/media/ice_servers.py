"""STUN and TURN servers (RFC 7064, RFC 7065) that those who send may need to get out of their network. The server needs none.

Named in ICE_SERVERS as `stun:host[:port]` or `turn:user:password@host[:port][?transport=udp|tcp]`, also `stuns:` and
`turns:`; odd characters of user and password are percent-encoded. A browser refuses the whole connection for one address it
cannot read, so such an address stops the start.
"""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

_HOST = r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._\-]+)(?::\d{1,5})?"
_STUN = re.compile(rf"(?:stun|stuns):{_HOST}\Z", re.ASCII)
_TURN_URL = re.compile(rf"turns?:{_HOST}(?:\?transport=(?:udp|tcp))?\Z", re.ASCII)
_TURN = re.compile(rf"(turns?):([^:@/\s]+):([^@/\s]+)@({_HOST}(?:\?transport=(?:udp|tcp))?)\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class IceServer:
    """As `RTCIceServer` of WebRTC has it; a relay has a user and a password."""

    url: str
    username: str | None = None
    credential: str | None = field(default=None, repr=False)


def read_ice_server(text: str) -> IceServer:
    """Raise ValueError, without the password, for what browsers would not take."""
    if _STUN.match(text):
        return IceServer(text)
    if (match := _TURN.match(text)) is None or not unquote(text).isprintable():
        raise ValueError("must be stun:host or turn:user:password@host, with a port and ?transport=tcp as needed")
    scheme, user, password, where = match.groups()
    return IceServer(f"{scheme}:{where}", unquote(user), unquote(password))


def read_turn_url(text: str) -> str:
    """Of a relay whose users have names that last for a while. Raise ValueError for what browsers would not take."""
    if _TURN_URL.match(text) is None:
        raise ValueError("must be turn:host or turns:host, with a port and ?transport=tcp as needed")
    return text


def ice_link(server: IceServer) -> str:
    """The value of a `Link` header (RFC 9725 section 4.6)."""
    link = f'<{server.url}>; rel="ice-server"'
    if server.username is None or server.credential is None:
        return link
    return (
        f'{link}; username="{_quoted(server.username)}"; credential="{_quoted(server.credential)}"; credential-type="password"'
    )


def _quoted(text: str) -> str:
    """The inside of a quoted-string (RFC 9110 section 5.6.4)."""
    return re.sub(r'([\\"])', r"\\\1", text)
