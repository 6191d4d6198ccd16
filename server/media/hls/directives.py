"""Delivery directives (section 6.2.5): what a client asks of a playlist in its query string."""

import re
from dataclasses import dataclass

from ...core.errors import Invalid

_NUMBER = re.compile(r"[0-9]{1,40}\Z", re.ASCII)
_MAX_QUERY = 2048
# A viewer's ticket (`broadcasts.access`) for players that lose cookies: the one parameter that playlists repeat on their lines.
_TICKET = re.compile(r"token=[A-Za-z0-9._~%-]{1,256}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Directives:
    msn: int | None = None
    part: int | None = None
    skip: bool = False
    skip_dates: bool = False
    query: str = ""
    """The viewer's ticket with its `?`, still quoted, for the URIs in the playlist."""


PLAIN = Directives()


def read_directives(raw_query: str) -> Directives:
    """Raise Invalid for values that cannot be meant. Directives we do not know are reserved: ignored and not passed on, and so
    is whatever else a link has gathered on its way; on thousands of lines it would make much of little."""
    if not raw_query:
        return PLAIN
    if len(raw_query) > _MAX_QUERY:
        raise Invalid("query_too_long", "网址参数过长")
    ours: dict[str, str] = {}
    query = ""
    for pair in raw_query.split("&"):
        name, _, value = pair.partition("=")
        if not name.startswith("_HLS_"):
            if not query and _TICKET.fullmatch(pair):
                query = f"?{pair}"
        elif name in ours:
            raise Invalid("directive_repeated", f"参数 {name} 只能出现一次")
        else:
            ours[name] = value
    msn = _number(ours, "_HLS_msn")
    part = _number(ours, "_HLS_part")
    if part is not None and msn is None:
        raise Invalid("directive_invalid", "_HLS_part 须与 _HLS_msn 同时使用")
    skip = ours.get("_HLS_skip")
    if skip not in (None, "YES", "v2"):
        raise Invalid("directive_invalid", "_HLS_skip 的值不正确")
    return Directives(msn, part, skip is not None, skip == "v2", query)


def _number(values: dict[str, str], name: str) -> int | None:
    value = values.get(name)
    if value is None:
        return None
    if not _NUMBER.match(value):
        raise Invalid("directive_invalid", f"{name} 的值不正确")
    return int(value)
