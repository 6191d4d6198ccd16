"""摇一摇; the fresh session is the committee's, for everybody, and its deputy secretary's to talk in."""

from tests.support.roles import ROLES

from .people import PARTY
from .row import Row, Rows, only, signed_in

SHAKES, SHAKE = "/api/v1/shakes", "/api/v1/shakes/{shake}"
OWNER, TALKER = "committee_secretary", "committee_deputy_secretary"
WORDS = {
    "title": "七一摇一摇",
    "opens_at": "2027-07-01T01:00:00Z",
    "closes_at": "2027-07-01T02:00:00Z",
    "secretaries": "{secretaries}",
    "branches": "{branches}",
}
NONCE = "0" * 64
CLIENT = "01900000-0000-7000-8000-000000000001"


def those(status: int, *roles: str) -> tuple[int, ...]:
    """They get `status`; others who see the session are refused; an employee finds nothing."""
    answers = dict.fromkeys(roles, status) | {"visitor": 401, "employee": 404}
    return tuple(answers.get(role, 403) for role in ROLES)


SEE = only(200, *PARTY, refused=404)

ROWS: Rows = {
    ("GET", SHAKES): Row(signed_in(200)),
    ("POST", SHAKES): Row(only(201, OWNER, "branch_secretary"), json=WORDS),
    ("GET", "/api/v1/shake-choices"): Row(only(200, OWNER, "branch_secretary")),
    ("GET", SHAKE): Row(SEE),
    ("PATCH", SHAKE): Row(those(200, OWNER), json={"title": "另一个题目"}),
    ("POST", f"{SHAKE}/cancel"): Row(those(200, OWNER)),
    ("POST", f"{SHAKE}/close"): Row(those(200, OWNER, TALKER)),
    ("GET", f"{SHAKE}/calendar.ics"): Row(SEE),
    ("GET", f"{SHAKE}/mine"): Row(SEE),
    ("GET", f"{SHAKE}/desk"): Row(those(200, OWNER, TALKER)),
    ("GET", f"{SHAKE}/proof"): Row(SEE),
    ("GET", f"{SHAKE}/rounds/{{round}}/list"): Row(signed_in(404), path=f"{SHAKE}/rounds/1/list"),
    ("POST", f"{SHAKE}/rounds"): Row(those(201, TALKER), json={"nonce_commitment": NONCE}),
    ("POST", f"{SHAKE}/rounds/{{round}}/open"): Row(those(404, TALKER), path=f"{SHAKE}/rounds/1/open"),
    ("POST", f"{SHAKE}/rounds/{{round}}/reveal"): Row(
        those(404, TALKER), json={"nonce": NONCE}, path=f"{SHAKE}/rounds/1/reveal"
    ),
    ("POST", f"{SHAKE}/rounds/{{round}}/draws"): Row(
        those(409, TALKER), json={"client_id": CLIENT}, path=f"{SHAKE}/rounds/1/draws"
    ),
    # Somebody else's offer, or none.
    ("POST", "/api/v1/draws/{draw}/accept"): Row(signed_in(404)),
    ("POST", "/api/v1/draws/{draw}/decline"): Row(signed_in(404)),
    ("POST", "/api/v1/draws/{draw}/withdraw"): Row(signed_in(404)),
}
