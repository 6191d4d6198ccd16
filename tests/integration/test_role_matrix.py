"""Every route × every role (ASVS 8.2.1). A route without a row fails; a row without a route fails too. For the events of the
sockets see `test_event_matrix.py`.

Each request meets fresh things (a broadcast of its own, a member of its own), so rows do not disturb one another. A row
says what each role is answered; the order of the columns is `ROLES`. Bodies are good, so that the right answers, not the form.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from server.app import ENDPOINTS, document
from server.broadcasts import BROADCASTS, State, Visibility
from server.core.ids import new_id
from server.identity import IDENTITY
from tests.support.roles import ROLES, House, running_house

BROADCAST = {
    "title": "主题党日",
    "starts_at": "2030-07-01T01:00:00Z",
    "visibility": "employees",
    "comment_mode": "post_moderated",
}


@dataclass(frozen=True)
class Row:
    """`answers`: one status for every role, or one each. `path` fills the placeholders from the fresh things. `later`: what
    instead of `answers` in the states a scheduled broadcast comes to; where it is one status, it is for those whom `answers`
    let in."""

    answers: tuple[int, ...]
    json: Any = None
    data: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    path: str | None = None
    later: Mapping[State, int | tuple[int, ...]] = field(default_factory=dict)

    def answer(self, role: str, state: State) -> int:
        usual, later = _of(self.answers, role), self.later.get(state)
        if later is None or (isinstance(later, int) and usual in (401, 403)):
            return usual
        return later if isinstance(later, int) else _of(later, role)


def _of(answers: tuple[int, ...], role: str) -> int:
    return answers[0] if len(answers) == 1 else answers[ROLES.index(role)]


def everyone(status: int) -> tuple[int, ...]:
    return (status,)


def signed_in(status: int) -> tuple[int, ...]:
    return tuple(401 if role == "visitor" else status for role in ROLES)


def only(status: int, *allowed: str, refused: int = 403) -> tuple[int, ...]:
    """Those named get `status`; other members `refused`; a visitor 401."""
    return tuple(401 if role == "visitor" else status if role in allowed else refused for role in ROLES)


def foreign_branch(status: int) -> tuple[int, ...]:
    """Those who read every ledger get `status`; who reads one branch's alone finds nothing; other members 403."""
    answers = dict.fromkeys(EVERY_LEDGER, status) | dict.fromkeys(OF_THEIR_BRANCH, 404) | {"visitor": 401}
    return tuple(answers.get(role, 403) for role in ROLES)


def on_air(status: int) -> dict[State, int]:
    return dict.fromkeys((State.LIVE, State.INTERRUPTED), status)


def over(status: int) -> dict[State, int]:
    return dict.fromkeys((State.ENDED, State.CUT_OFF, State.CANCELLED), status)


HOSTS = ("red_host", "host", "co_host")
STAFF = ("affairs_staff", "administrator")
SENDERS = ("host", "co_host")
INSIDERS = ("host", "co_host", "moderator", "committee_secretary", "administrator")
ROSTER = (*INSIDERS, "affairs_staff", "committee_deputy_secretary", "branch_secretary", "branch_deputy_secretary")
MODERATORS = ("moderator", "committee_secretary", "administrator")
# Of the branch everybody here is in, and of the whole committee.
BRANCH_RUNS = (
    "organiser",
    "branch_secretary",
    "branch_deputy_secretary",
    "branch_organiser",
    "committee_secretary",
    "committee_deputy_secretary",
    "affairs_staff",
)
COMMITTEE = ("committee_secretary", "committee_deputy_secretary", "affairs_staff")
ACTIVITY = "/api/v1/activities/{activity}"
POINTS_DESK = (
    "committee_secretary", "committee_deputy_secretary", "branch_secretary", "branch_deputy_secretary",
    "discipline_secretary", "affairs_staff", "appraisal_clerk",
)  # fmt: skip
WHIP = "/whip/{stream}"
ONE = "/api/v1/broadcasts/{broadcast}"
LISTS = "/api/v1/word-lists"
# Those whom a row about a broadcast can treat each in their own way; all others are members like any.
KINDS_OF_ROLES = (
    "visitor",
    "employee",
    "full",
    "host",
    "co_host",
    "red_host",
    "moderator",
    "committee_secretary",
    "affairs_staff",
)
PUBLICATIONS = "/api/v1/publications"
APPRAISALS, OWN_APPRAISALS = "/api/v1/appraisals", "/api/v1/me/appraisals"
APPRAISAL_DESK = ("branch_secretary", "branch_deputy_secretary", *COMMITTEE)
MARKS = dict.fromkeys(("de", "neng", "qin", "ji", "lian"), "good")
HOOKS = "/api/v1/webhooks"
HOOK = {"name": "积分商城", "url": "https://points.example/hook", "events": ["publication.opened"]}
PUBLISHERS = ("committee_secretary", "committee_deputy_secretary", "affairs_staff")
EVERY_LEDGER = (*PUBLISHERS, "appraisal_clerk")
OF_THEIR_BRANCH = ("branch_secretary", "branch_deputy_secretary")
PARTY = tuple(role for role in ROLES if role not in ("visitor", "employee"))
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc0000003010100"
    "c9fe92ef0000000049454e44ae426082"
)

MATRIX: dict[tuple[str, str], Row] = {
    # for operators and programs
    ("GET", "/healthz"): Row(everyone(200)),
    ("GET", "/readyz"): Row(everyone(200)),
    ("GET", "/metrics"): Row(everyone(404)),  # these came through a proxy; from this machine see test_http.py
    ("GET", "/api/openapi.json"): Row(everyone(200)),
    ("GET", "/api/docs"): Row(everyone(200)),
    # identity
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
    # points
    ("GET", "/api/v1/me/points"): Row(only(200, *PARTY)),
    ("GET", "/api/v1/me/points/indicators"): Row(only(200, *PARTY)),
    ("GET", PUBLICATIONS): Row(only(200, *PARTY)),
    ("POST", PUBLICATIONS): Row(only(409, *PUBLISHERS), json={"year": 2099, "quarter": 1}),  # which is not over
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
    ("GET", "/api/v1/objections"): Row(only(200, *PUBLISHERS, "branch_secretary", "branch_deputy_secretary")),
    ("POST", "/api/v1/objections/{objection}/withdraw"): Row(only(404, *PARTY), path="/api/v1/objections/{id}/withdraw"),
    ("POST", "/api/v1/objections/{objection}/answer"): Row(
        only(404, *PARTY), json={"state": "rejected", "text": "核对无误"}, path="/api/v1/objections/{id}/answer"
    ),
    ("POST", "/api/v1/me/points/{entry}/appeal"): Row(
        signed_in(404), json={"text": "我请了假"}, path="/api/v1/me/points/{id}/appeal"
    ),
    ("GET", "/api/v1/points/proposable"): Row(only(200, *POINTS_DESK)),
    ("GET", "/api/v1/points/people"): Row(only(200, *POINTS_DESK)),
    ("GET", "/api/v1/points/proposals"): Row(only(200, *POINTS_DESK)),
    ("GET", "/api/v1/points/appeals"): Row(only(200, *POINTS_DESK)),
    ("GET", "/api/v1/points/ledger/branches"): Row(only(200, *EVERY_LEDGER, *OF_THEIR_BRANCH)),
    # those without a branch are nobody's
    ("GET", "/api/v1/points/ledger/members"): Row(foreign_branch(200)),
    ("GET", "/api/v1/points/ledger/members/{member}"): Row(foreign_branch(404), path="/api/v1/points/ledger/members/{thing}"),
    ("GET", "/api/v1/points/rules"): Row(signed_in(200)),
    ("POST", "/api/v1/points/rules/preview"): Row(only(200, "committee_secretary", "committee_deputy_secretary"), json={}),
    # nothing is changed by it
    ("POST", "/api/v1/points/rules"): Row(
        only(409, "committee_secretary", "committee_deputy_secretary"),
        json={"since": (datetime.now(UTC).date() + timedelta(days=9)).isoformat(), "reason": "年度修订"},
    ),
    ("GET", "/api/v1/points/exemptions"): Row(only(200, *EVERY_LEDGER, *OF_THEIR_BRANCH)),
    ("POST", "/api/v1/points/exemptions"): Row(
        tuple({200: 409, 404: 403}.get(each, each) for each in foreign_branch(200)),
        json={"member": "{stranger}", "year": datetime.now(UTC).year, "reason": "长期病休", "lift": True},
    ),
    **{
        ("POST", f"/api/v1/points/exemptions/{{proposal}}/{verb}"): Row(
            signed_in(404), json={"words": "核对过"}, path=f"/api/v1/points/exemptions/{{id}}/{verb}"
        )
        for verb in ("confirm", "decline")
    },
    # nobody here is in the stranger's branch, and this is no matter of discipline
    ("POST", "/api/v1/points/proposals"): Row(
        only(201, *(role for role in POINTS_DESK if not role.startswith(("branch_", "discipline_")))),
        json={
            "member": "{stranger}",
            "indicator": "J03",
            "day": datetime.now(UTC).date().isoformat(),
            "reason": "建议被采纳",
            "evidence": "通知",
        },
    ),
    **{
        ("POST", f"/api/v1/points/proposals/{{proposal}}/{verb}"): Row(
            only(404, *POINTS_DESK), json={"words": "核对过"}, path=f"/api/v1/points/proposals/{{id}}/{verb}"
        )
        for verb in ("confirm", "decline")
    },
    **{
        ("POST", f"/api/v1/points/appeals/{{appeal}}/{verb}"): Row(
            only(404, *POINTS_DESK), json={"words": "核对过"}, path=f"/api/v1/points/appeals/{{id}}/{verb}"
        )
        for verb in ("uphold", "grant")
    },
    # appraisals; there is none of that id, and nobody here has one to take part in
    ("GET", OWN_APPRAISALS): Row(only(200, *PARTY)),
    ("PUT", OWN_APPRAISALS + "/{appraisal}/self"): Row(
        only(404, *PARTY),
        json={"marks": MARKS, "grade": "qualified", "words": "认真履职"},
        path=OWN_APPRAISALS + "/{id}/self",
    ),
    ("POST", OWN_APPRAISALS + "/{appraisal}/peers"): Row(
        only(404, *PARTY), json={"sheet": []}, path=OWN_APPRAISALS + "/{id}/peers"
    ),
    ("POST", OWN_APPRAISALS + "/{appraisal}/objection"): Row(
        only(404, *PARTY), json={"text": "请再看看"}, path=OWN_APPRAISALS + "/{id}/objection"
    ),
    ("GET", APPRAISALS): Row(only(200, *APPRAISAL_DESK)),
    ("POST", APPRAISALS): Row(
        only(404, *APPRAISAL_DESK),
        json={"branch": new_id(), "year": 2026, "self_until": "2030-01-01", "peers_until": "2030-01-02"},
    ),
    **{
        (method, APPRAISALS + "/{appraisal}" + path): Row(
            only(404, *APPRAISAL_DESK), json=body, path=(APPRAISALS + "/{id}" + path).replace("{member}", "{id}")
        )
        for method, path, body in (
            ("GET", "", None),
            ("PUT", "/members/{member}", {"grade": "qualified", "opinion": "表现良好"}),
            ("POST", "/members/{member}/answer", {"state": "rejected", "text": "核对无误"}),
            ("POST", "/close", None),
            ("POST", "/submit", None),
            ("POST", "/confirm", None),
            ("POST", "/return", {"text": "请再研究"}),
            ("GET", "/result.xlsx", None),
            ("GET", "/result.pdf", None),
        )
    },
    # webhooks; there is none of that id
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
    # visitors; public broadcasts are off here, and nobody has proven a number
    ("POST", "/api/v1/visitor/code"): Row(everyone(404), json={"mobile": "13900000001"}),
    ("POST", "/api/v1/visitor"): Row(everyone(401), json={"mobile": "13900000001", "code": "000000", "name": "路过的人"}),
    ("GET", "/api/v1/visitor"): Row(everyone(401)),
    ("DELETE", "/api/v1/visitor"): Row(everyone(204)),
    ("PATCH", "/api/v1/branches/{id}"): Row(only(404, *STAFF), json={"city": "深圳"}),
    # broadcasts; the fresh one is scheduled, for employees; nothing is received, and nothing recorded
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
    ("GET", f"{ONE}/comments"): Row(signed_in(200)),
    ("GET", f"{ONE}/attendance"): Row(signed_in(200)),
    ("GET", f"{ONE}/attendance/people"): Row(only(200, *ROSTER)),
    ("GET", f"{ONE}/attendance/people.xlsx"): Row(only(200, *ROSTER)),
    ("GET", f"{ONE}/attendance/rules"): Row(only(200, "host")),
    ("PUT", f"{ONE}/attendance/rules"): Row(
        only(200, "host"), json={"number": 2, "seconds": 60, "needed": 1}, later={**on_air(409), **over(409)}
    ),
    ("GET", f"{ONE}/polls"): Row(signed_in(200)),
    ("POST", f"{ONE}/polls"): Row(
        only(201, *INSIDERS), json={"question": "几点？", "options": ["上午", "下午"]}, later=over(409)
    ),
    ("PUT", f"{ONE}/polls/{{poll}}"): Row(
        only(404, *INSIDERS), json={"question": "几点？", "options": ["上午", "下午"]}, path=f"{ONE}/polls/{{id}}"
    ),
    ("DELETE", f"{ONE}/polls/{{poll}}"): Row(only(404, *INSIDERS), path=f"{ONE}/polls/{{id}}"),
    ("GET", f"{ONE}/questions"): Row(only(200, *INSIDERS)),
    ("GET", f"{ONE}/questions/mine"): Row(signed_in(200)),
    ("GET", f"{ONE}/comments/by-moment"): Row(signed_in(200)),
    ("GET", f"{ONE}/comments/heat"): Row(signed_in(200)),
    ("GET", f"{ONE}/report"): Row(only(409, *INSIDERS, "affairs_staff"), later={**on_air(200), **over(200)}),
    ("GET", f"{ONE}/report.xlsx"): Row(only(409, *INSIDERS, "affairs_staff"), later={**on_air(200), **over(200)}),
    ("GET", f"{ONE}/notices"): Row(signed_in(200)),
    ("GET", f"{ONE}/calendar.ics"): Row(signed_in(200)),
    ("POST", f"{ONE}/download"): Row(signed_in(409)),
    ("GET", f"{ONE}/download"): Row(signed_in(409)),
    ("GET", f"{ONE}/download.mp4"): Row(signed_in(409)),
    # moderation; nothing is held, and there are no lists of that id
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
    # activities; the fresh one is the branch's and announced: check-in has not begun
    ("GET", "/api/v1/activities"): Row(signed_in(200)),
    ("POST", "/api/v1/activities"): Row(
        only(201, *BRANCH_RUNS), json={"kind": "theme_day", "title": "主题党日", "starts_at": "2030-07-01T01:00:00Z"}
    ),
    ("GET", "/api/v1/activity-burdens"): Row(only(200, *COMMITTEE)),
    ("GET", "/api/v1/me/calendar"): Row(signed_in(200)),
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
    # media: WHIP hears its bearer token alone, whoever is signed in; watching what is not on air is for those who send
    ("POST", WHIP): Row(everyone(401), data=b"v=0", headers={"Content-Type": "application/sdp"}),
    ("OPTIONS", WHIP): Row(everyone(200)),
    ("GET", WHIP): Row(everyone(204)),
    ("HEAD", WHIP): Row(everyone(204)),
    ("PATCH", f"{WHIP}/{{session}}"): Row(everyone(401), headers={"Content-Type": "application/trickle-ice-sdpfrag"}),
    ("DELETE", f"{WHIP}/{{session}}"): Row(everyone(401)),
    ("OPTIONS", f"{WHIP}/{{session}}"): Row(everyone(200)),
    ("GET", f"{WHIP}/{{session}}"): Row(everyone(204)),
    ("HEAD", f"{WHIP}/{{session}}"): Row(everyone(204)),
    ("GET", "/hls/{stream}/index.m3u8"): Row(signed_in(404)),
    ("GET", "/hls/{stream}/live.m3u8"): Row(signed_in(404)),
    ("GET", "/hls/{stream}/audio.m3u8"): Row(signed_in(404)),
    ("GET", "/hls/{stream}/replay.m3u8"): Row(signed_in(404)),
    ("GET", "/hls/{stream}/replay-audio.m3u8"): Row(signed_in(404)),
    ("GET", "/hls/{stream}/{folder}/{name}"): Row(signed_in(404)),
    # last: it ends the sessions
    ("DELETE", "/api/v1/session"): Row(signed_in(204)),
}

# Served beside the declared routes, to everybody: pages and their files hold nothing of anybody; sockets decide event by event.
UNDECLARED = {
    ("*", "/socket.io/"),
    ("GET", "/assets"),
    ("HEAD", "/assets"),
    ("GET", "/{path}"),
    ("HEAD", "/{path}"),
}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path) as house:
        yield house


async def test_every_route_has_a_row_and_every_role_gets_what_its_row_says(house: House) -> None:
    declared = {(endpoint.method, endpoint.path) for endpoint in house.app[ENDPOINTS]}
    assert declared == set(MATRIX), "a route without a row, or a row without a route"
    served = {(route.method, route.resource.canonical) for route in house.app.router.routes() if route.resource is not None}
    assert served - declared == UNDECLARED, "served without being declared"
    wrong = [problem for key in MATRIX for problem in await _asked(house, key, State.SCHEDULED)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("state", [each for each in State if each is not State.SCHEDULED])
async def test_every_kind_of_role_gets_what_the_rows_say_however_far_a_broadcast_has_come(house: House, state: State) -> None:
    about_one = [key for key in MATRIX if "{broadcast}" in key[1] or key[1].startswith("/hls/")]
    wrong = [problem for key in about_one for problem in await _asked(house, key, state, KINDS_OF_ROLES)]
    assert not wrong, "\n".join(wrong)


async def _asked(house: House, key: tuple[str, str], state: State, roles: Sequence[str] = ROLES) -> list[str]:
    """What some role is not answered as its row says."""
    (method, pattern), row, wrong = key, MATRIX[key], []
    path = ""
    await house.stranger()  # who is muted
    for role in roles:
        if path == "" or method != "GET":  # reading disturbs nobody
            path = await house.fresh(row.path or pattern, state)
        url = house.base + path
        async with house.sessions[role].request(
            method, url, json=house.body(row.json), data=row.data, headers=row.headers
        ) as answer:
            if answer.status != row.answer(role, state):
                expected = row.answer(role, state)
                wrong.append(f"{role}: {method} {pattern}: {answer.status}, not {expected}: {await answer.text()}")
    return wrong


async def test_nobody_without_a_role_in_another_branch_sees_an_activity(house: House) -> None:
    other = await house.app[IDENTITY].directory.add_branch(house.members["administrator"], name="西北党支部", city="西安")
    path = await house.fresh(ACTIVITY, branch=other.id)
    for role in ROLES:
        async with house.sessions[role].get(house.base + path) as answer:
            assert answer.status == (401 if role == "visitor" else 200 if role in COMMITTEE else 404), role


async def test_what_a_member_may_not_see_looks_like_what_does_not_exist(house: House) -> None:
    for_members = replace(house.plan, visibility=Visibility.MEMBERS)
    broadcast = await house.app[BROADCASTS].schedule(house.members["host"], for_members)
    session = house.sessions["employee"]
    answers = []
    for one in (broadcast.id, new_id()):
        async with session.get(f"{house.base}/api/v1/broadcasts/{one}") as answer:
            body = await answer.json(content_type=None)
            answers.append((answer.status, body | {"request_id": ""}))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_the_openapi_document_of_the_whole_api_is_valid() -> None:
    from openapi_spec_validator import validate

    validate(document())
