"""Delivery directives (section 6.2.5): what a client asks of a playlist in its query string."""

import re
from dataclasses import dataclass

from ...core.errors import Invalid

_NUMBER = re.compile(r"[0-9]{1,40}\Z", re.ASCII)
_MAX_QUERY = 2048


@dataclass(frozen=True, slots=True)
class Directives:
    msn: int | None = None
    part: int | None = None
    skip: bool = False
    skip_dates: bool = False
    query: str = ""
    """The other parameters with their `?`, still quoted, for the URIs in the playlist."""


PLAIN = Directives()


def read_directives(raw_query: str) -> Directives:
    """Raise Invalid for values that cannot be meant. Directives we do not know are reserved: ignored and not passed on."""
    if not raw_query:
        return PLAIN
    if len(raw_query) > _MAX_QUERY:
        raise Invalid("query_too_long", "网址参数过长")
    ours: dict[str, str] = {}
    others: list[str] = []
    for pair in raw_query.split("&"):
        name, _, value = pair.partition("=")
        if not name.startswith("_HLS_"):
            others.append(pair)
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
    query = "?" + "&".join(others).replace('"', "%22") if others else ""
    return Directives(msn, part, skip is not None, skip == "v2", query)


def _number(values: dict[str, str], name: str) -> int | None:
    value = values.get(name)
    if value is None:
        return None
    if not _NUMBER.match(value):
        raise Invalid("directive_invalid", f"{name} 的值不正确")
    return int(value)
