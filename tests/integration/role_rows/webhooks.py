"""Webhooks; there is none of that id."""

from .people import STAFF
from .row import Row, Rows, only

HOOKS = "/api/v1/webhooks"
HOOK = {"name": "积分商城", "url": "https://points.example/hook", "events": ["publication.opened"]}

ROWS: Rows = {
    ("GET", HOOKS): Row(only(200, *STAFF)),
    ("POST", HOOKS): Row(only(201, *STAFF), json=HOOK),
    **{
        (method, HOOKS + path): Row(only(404, *STAFF), json=body, path=(HOOKS + path).replace("{endpoint}", "{id}"))
        for method, path, body in (
            ("GET", "/{endpoint}", None),
            ("PATCH", "/{endpoint}", {"name": "改名"}),
            ("DELETE", "/{endpoint}", None),
            ("POST", "/{endpoint}/pause", None),
            ("POST", "/{endpoint}/resume", None),
            ("POST", "/{endpoint}/rotate", None),
            ("POST", "/{endpoint}/test", None),
            ("POST", "/{endpoint}/redeliver", {}),
            ("GET", "/{endpoint}/deliveries", None),
            ("GET", "/{endpoint}/attempts", None),
        )
    },
}
