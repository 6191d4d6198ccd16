"""Broadcasts; the fresh one is scheduled, for employees; nothing is received, and nothing recorded."""

from server.broadcasts import State

from .people import INSIDERS, MODERATORS, ONE, PNG
from .row import Row, Rows, everyone, on_air, only, over, signed_in

BROADCAST = {
    "title": "主题党日",
    "starts_at": "2030-07-01T01:00:00Z",
    "visibility": "employees",
    "comment_mode": "post_moderated",
}
SENDERS = ("host", "co_host")
HOSTS = ("red_host", *SENDERS)

ROWS: Rows = {
    ("GET", "/api/v1/broadcasts"): Row(everyone(200)),
    ("POST", "/api/v1/broadcasts"): Row(only(201, *HOSTS), json=BROADCAST),
    ("GET", "/api/v1/hosts"): Row(only(200, *HOSTS)),
    ("GET", ONE): Row(signed_in(200)),
    ("PATCH", ONE): Row(only(200, "host"), json={"title": "改题"}, later=over(409)),
    ("PATCH", f"{ONE}/room"): Row(only(200, *INSIDERS), json={"muted": True}, later=over(409)),
    ("GET", f"{ONE}/status"): Row(only(200, *SENDERS)),
    ("POST", f"{ONE}/whip-token"): Row(only(200, *SENDERS), later=over(409)),
    ("POST", f"{ONE}/live"): Row(only(409, *SENDERS), later=on_air(200)),  # nothing is being received
    ("POST", f"{ONE}/end"): Row(only(409, *SENDERS), later={**on_air(200), State.ENDED: 200}),  # not on air
    ("POST", f"{ONE}/cancel"): Row(only(200, "host"), later={**on_air(409), **over(409), State.CANCELLED: 200}),
    ("POST", f"{ONE}/cut-off"): Row(
        only(409, *MODERATORS), json={"reason": "测试"}, later={**on_air(200), State.CUT_OFF: 200}
    ),  # not on air
    ("POST", f"{ONE}/replay"): Row(only(409, "host"), json={"published": True, "download": True}),  # no recording yet
    ("DELETE", f"{ONE}/replay"): Row(
        only(409, "host", *MODERATORS), later={State.CUT_OFF: only(409, *MODERATORS)}
    ),  # as above; what was cut off is evidence
    ("PUT", f"{ONE}/poster"): Row(only(200, "host"), data=PNG, headers={"Content-Type": "image/png"}),
    ("DELETE", f"{ONE}/poster"): Row(only(200, "host")),
    ("GET", f"{ONE}/poster.jpg"): Row(signed_in(404)),  # there is none
    ("GET", f"{ONE}/qr.svg"): Row(signed_in(200)),
    ("GET", f"{ONE}/calendar.ics"): Row(signed_in(200)),
    ("POST", f"{ONE}/download"): Row(signed_in(409)),
    ("GET", f"{ONE}/download"): Row(signed_in(409)),
    ("GET", f"{ONE}/download.mp4"): Row(signed_in(409)),
}
