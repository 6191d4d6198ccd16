"""Who somebody is: sessions, members, branches, visitors."""

from .people import BRANCH_SECRETARIES, COMMITTEE, STAFF
from .row import Row, Rows, everyone, only, signed_in

RUNS_SOMETHING = ("organiser", "branch_organiser", *BRANCH_SECRETARIES, *COMMITTEE)

ROWS: Rows = {
    ("GET", "/api/v1/branch-names"): Row(only(200, *RUNS_SOMETHING)),
    ("GET", "/api/v1/people"): Row(only(200, *RUNS_SOMETHING)),
    ("POST", "/api/v1/session"): Row(everyone(401), json={"mobile": "{mobile}", "password": "wrong password"}),
    ("GET", "/api/v1/me"): Row(signed_in(200)),
    ("GET", "/api/v1/me/sessions"): Row(signed_in(200)),
    ("DELETE", "/api/v1/me/sessions/{id}"): Row(signed_in(404)),  # nobody's but one's own can be ended
    ("POST", "/api/v1/me/password"): Row(signed_in(422), json={"current": "wrong", "password": "a new long password"}),
    ("GET", "/api/v1/setup"): Row(everyone(200)),
    ("POST", "/api/v1/setup"): Row(
        everyone(403),
        json={"token": "x" * 43, "organisation": "党委", "name": "甲", "mobile": "10000000099", "password": "a long password"},
    ),
    ("POST", "/api/v1/activations"): Row(
        everyone(401), json={"mobile": "{mobile}", "code": "0000-0000-0000-0000", "password": "a long password"}
    ),
    ("GET", "/api/v1/members"): Row(only(200, *STAFF)),
    ("POST", "/api/v1/members"): Row(only(201, *STAFF), json={"name": "新人", "mobile": "{mobile}", "status": "full"}),
    ("GET", "/api/v1/members.xlsx"): Row(only(200, *STAFF)),
    ("PATCH", "/api/v1/members/{id}"): Row(only(200, *STAFF), json={"name": "改名"}),
    ("POST", "/api/v1/members/{id}/activation"): Row(only(200, *STAFF)),
    ("DELETE", "/api/v1/members/{id}/sessions"): Row(only(204, *STAFF)),
    ("PUT", "/api/v1/members/{id}/roles"): Row(only(200, "administrator"), json={"roles": ["red_host"]}),
    ("POST", "/api/v1/roster"): Row(
        only(200, *STAFF),
        data="姓名,手机号,身份\n甲,10000000098,正式党员\n".encode(),
        path="/api/v1/roster?dry_run=true",
        headers={"Content-Type": "text/csv"},
    ),
    ("GET", "/api/v1/branches"): Row(only(200, *STAFF)),
    ("POST", "/api/v1/branches"): Row(only(201, *STAFF), json={"name": "{name}", "city": "广州"}),
    # visitors; public broadcasts are off here, and nobody has proven a number
    ("POST", "/api/v1/visitor/code"): Row(everyone(404), json={"mobile": "13900000001"}),
    ("POST", "/api/v1/visitor"): Row(everyone(401), json={"mobile": "13900000001", "code": "000000", "name": "路过的人"}),
    ("GET", "/api/v1/visitor"): Row(everyone(401)),
    ("DELETE", "/api/v1/visitor"): Row(everyone(204)),
    ("PATCH", "/api/v1/branches/{id}"): Row(only(404, *STAFF), json={"city": "深圳"}),
}

# Asked after everything else: it ends the sessions.
LAST: Rows = {
    ("DELETE", "/api/v1/session"): Row(signed_in(204)),
}
