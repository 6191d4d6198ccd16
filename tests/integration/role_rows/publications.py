"""Publications (公示), their files, and objections against them; there is none of that id."""

from .people import BRANCH_SECRETARIES, COMMITTEE, PARTY
from .row import Row, Rows, only

PUBLICATIONS = "/api/v1/publications"

ROWS: Rows = {
    ("GET", PUBLICATIONS): Row(only(200, *PARTY)),
    ("POST", PUBLICATIONS): Row(only(409, *COMMITTEE), json={"year": 2099, "quarter": 1}),  # which is not over
    ("GET", PUBLICATIONS + "/{publication}"): Row(only(404, *PARTY), path=PUBLICATIONS + "/{id}"),
    ("GET", PUBLICATIONS + "/{publication}/members"): Row(only(404, *PARTY), path=PUBLICATIONS + "/{id}/members"),
    **{
        route: row
        for form in ("xlsx", "csv")
        for route, row in (
            (("GET", f"/api/v1/me/points.{form}"), Row(only(200, *PARTY))),
            (
                ("GET", f"{PUBLICATIONS}/{{publication}}/members.{form}"),
                Row(only(404, *PARTY), path=f"{PUBLICATIONS}/{{id}}/members.{form}"),
            ),
        )
    },
    ("GET", PUBLICATIONS + "/{publication}/pdf"): Row(only(404, *PARTY), path=PUBLICATIONS + "/{id}/pdf"),
    ("GET", PUBLICATIONS + "/{publication}/members/{member}"): Row(
        only(404, *PARTY), path=PUBLICATIONS + "/{id}/members/{thing}"
    ),
    ("GET", PUBLICATIONS + "/{publication}/objections"): Row(only(404, *PARTY), path=PUBLICATIONS + "/{id}/objections"),
    ("POST", PUBLICATIONS + "/{publication}/objections"): Row(
        only(404, *PARTY), json={"about": "{stranger}", "text": "少记了一次"}, path=PUBLICATIONS + "/{id}/objections"
    ),
    ("GET", "/api/v1/objections"): Row(only(200, *COMMITTEE, *BRANCH_SECRETARIES)),
    ("POST", "/api/v1/objections/{objection}/withdraw"): Row(only(404, *PARTY), path="/api/v1/objections/{id}/withdraw"),
    ("POST", "/api/v1/objections/{objection}/answer"): Row(
        only(404, *PARTY), json={"state": "rejected", "text": "核对无误"}, path="/api/v1/objections/{id}/answer"
    ),
}
