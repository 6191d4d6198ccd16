"""Activities; the fresh one is the branch's and announced: check-in has not begun, and there is no record yet."""

from .people import BRANCH_SECRETARIES, COMMITTEE, ONE, PNG
from .row import Row, Rows, everyone, only, signed_in

# Of the branch everybody here is in, and of the whole committee.
BRANCH_RUNS = ("organiser", "branch_organiser", *BRANCH_SECRETARIES, *COMMITTEE)
ACTIVITY = "/api/v1/activities/{activity}"

ROWS: Rows = {
    ("GET", "/api/v1/activities"): Row(signed_in(200)),
    ("POST", "/api/v1/activities"): Row(
        only(201, *BRANCH_RUNS), json={"kind": "theme_day", "title": "主题党日", "starts_at": "2030-07-01T01:00:00Z"}
    ),
    ("GET", "/api/v1/activity-burdens"): Row(only(200, *COMMITTEE)),
    ("GET", "/api/v1/me/calendar"): Row(signed_in(200)),
    ("POST", "/api/v1/me/calendar/renew"): Row(signed_in(200)),
    ("GET", "/api/v1/me/records"): Row(signed_in(200)),
    ("GET", "/api/v1/calendars/{token}.ics"): Row(everyone(404), path="/api/v1/calendars/{id}.ics"),
    ("GET", ACTIVITY): Row(signed_in(200)),
    ("PATCH", ACTIVITY): Row(only(200, *BRANCH_RUNS), json={"title": "改题"}),
    ("POST", f"{ACTIVITY}/announce"): Row(only(200, *BRANCH_RUNS)),
    ("POST", f"{ACTIVITY}/open"): Row(only(200, *BRANCH_RUNS)),
    ("POST", f"{ACTIVITY}/close"): Row(only(409, *BRANCH_RUNS)),
    ("POST", f"{ACTIVITY}/cancel"): Row(only(200, *BRANCH_RUNS)),
    ("POST", f"{ACTIVITY}/signup"): Row(signed_in(200)),
    ("DELETE", f"{ACTIVITY}/signup"): Row(signed_in(200)),
    ("POST", f"{ACTIVITY}/checkin"): Row(signed_in(409), json={"code": "000000"}),
    ("POST", f"{ACTIVITY}/claim"): Row(signed_in(409), json={"code": "000000", "scanned_at": "2026-07-01T01:00:00Z"}),
    ("POST", f"{ACTIVITY}/leave"): Row(signed_in(200), json={"reason": "出差"}),
    ("POST", f"{ACTIVITY}/burden"): Row(signed_in(204)),
    ("GET", f"{ACTIVITY}/wall"): Row(only(409, *BRANCH_RUNS)),
    ("GET", f"{ACTIVITY}/people"): Row(only(200, *BRANCH_RUNS)),
    ("POST", f"{ACTIVITY}/presences"): Row(
        only(404, *BRANCH_RUNS), json={"members": ["nobody"], "way": "late_checkin", "reason": "堵车"}
    ),
    ("POST", f"{ACTIVITY}/withdrawals"): Row(only(404, *BRANCH_RUNS), json={"member": "{stranger}", "reason": "没有来"}),
    ("POST", f"{ACTIVITY}/absences"): Row(only(404, *BRANCH_RUNS), json={"member": "{stranger}", "reason": "出差"}),
    ("POST", f"{ACTIVITY}/expected"): Row(only(204, *BRANCH_RUNS), json={"add": [], "remove": []}),
    ("POST", f"{ACTIVITY}/claims"): Row(
        only(404, *BRANCH_RUNS), json={"member": "{stranger}", "confirm": True, "reason": "会场见到本人"}
    ),
    ("GET", f"{ONE}/activities"): Row(signed_in(200)),
    ("GET", "/api/v1/activity-plans"): Row(only(200, *BRANCH_RUNS)),
    # the record of a meeting; there is none yet, and nobody is named in it
    ("GET", f"{ACTIVITY}/record"): Row(only(200, *BRANCH_RUNS, refused=404)),
    ("PUT", f"{ACTIVITY}/record"): Row(only(200, *BRANCH_RUNS, refused=404), json={"version": 0}),
    ("PUT", f"{ACTIVITY}/record/people"): Row(only(200, *BRANCH_RUNS), json={}),
    ("POST", f"{ACTIVITY}/record/submit"): Row(only(403, *BRANCH_RUNS, refused=404), json={"version": 0}),
    ("POST", f"{ACTIVITY}/record/return"): Row(only(409, *BRANCH_RUNS, refused=404), json={"reason": "补充"}),
    ("POST", f"{ACTIVITY}/record/confirm"): Row(only(409, *BRANCH_RUNS, refused=404), json={"version": 0}),
    ("POST", f"{ACTIVITY}/record/amendments"): Row(
        only(409, *BRANCH_RUNS, refused=404), json={"text": "改", "reason": "笔误", "client_id": "one"}
    ),
    ("POST", f"{ACTIVITY}/record/attachments"): Row(only(200, *BRANCH_RUNS, refused=404), data=PNG),
    ("GET", f"{ACTIVITY}/record/attachments/{{id}}"): Row(signed_in(404)),
    ("DELETE", f"{ACTIVITY}/record/attachments/{{id}}"): Row(signed_in(404)),
    ("GET", f"{ACTIVITY}/record.pdf"): Row(only(200, *BRANCH_RUNS, refused=404)),
    ("GET", f"{ACTIVITY}/record.xlsx"): Row(only(200, *BRANCH_RUNS, refused=404)),
}
