"""Moderation; nothing is held, and there are no lists of that id."""

from .people import INSIDERS, MODERATORS, ONE
from .row import Row, Rows, only, signed_in

LISTS = "/api/v1/word-lists"

ROWS: Rows = {
    ("GET", f"{ONE}/held"): Row(only(200, *INSIDERS)),
    ("GET", "/api/v1/desks"): Row(only(200, *MODERATORS), path="/api/v1/desks?rooms={broadcast}"),
    ("POST", "/api/v1/held/{held}/approve"): Row(signed_in(404), json={}),
    ("POST", "/api/v1/held/{held}/reject"): Row(signed_in(404), json={"reason": "与主题无关"}),
    ("POST", "/api/v1/held/{held}/restore"): Row(signed_in(404), json={}),
    ("POST", "/api/v1/held/decisions"): Row(signed_in(200), json={"ids": ["x"], "decision": "approve"}),  # each for itself
    ("GET", f"{ONE}/mutes"): Row(only(200, *INSIDERS)),
    ("POST", f"{ONE}/mutes"): Row(only(201, *INSIDERS), json={"member": "{stranger}", "minutes": 10, "reason": "刷屏"}),
    ("GET", "/api/v1/mutes"): Row(only(200, *MODERATORS)),
    ("POST", "/api/v1/mutes"): Row(only(201, *MODERATORS), json={"member": "{stranger}"}),
    ("DELETE", "/api/v1/mutes/{mute}"): Row(signed_in(404)),
    ("GET", f"{ONE}/reports"): Row(only(200, *INSIDERS)),
    ("POST", "/api/v1/reports/{thing}/dismiss"): Row(signed_in(404)),
    ("GET", f"{ONE}/evidence"): Row(only(200, *MODERATORS)),
    ("GET", "/api/v1/audit"): Row(only(200, *MODERATORS)),
    ("GET", LISTS): Row(only(200, *MODERATORS)),
    ("POST", LISTS): Row(only(201, *MODERATORS), json={"name": "{name}", "action": "hold"}),
    ("POST", f"{LISTS}/test"): Row(only(200, *MODERATORS), json={"text": "大家好"}),
    ("PATCH", f"{LISTS}/{{list}}"): Row(only(404, *MODERATORS), json={"action": "mark"}),
    ("DELETE", f"{LISTS}/{{list}}"): Row(only(404, *MODERATORS)),
    ("GET", f"{LISTS}/{{list}}/words"): Row(only(404, *MODERATORS)),
    ("PATCH", f"{LISTS}/{{list}}/words"): Row(only(404, *MODERATORS), json={"add": ["词"]}),
    ("GET", f"{LISTS}/{{list}}/export"): Row(only(404, *MODERATORS)),
    ("POST", f"{LISTS}/{{list}}/import"): Row(only(404, *MODERATORS), data="词\n".encode()),
}
