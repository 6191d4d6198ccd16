"""Points: one's own, proposals and appeals, branch ledgers, rules, exemptions."""

from datetime import UTC, datetime, timedelta

from tests.support.roles import ROLES

from .people import BRANCH_SECRETARIES, COMMITTEE, PARTY
from .row import Row, Rows, only, signed_in

POINTS_DESK = (*COMMITTEE, *BRANCH_SECRETARIES, "discipline_secretary", "appraisal_clerk")
EVERY_LEDGER = (*COMMITTEE, "appraisal_clerk")
RULERS = ("committee_secretary", "committee_deputy_secretary")


def foreign_branch(status: int) -> tuple[int, ...]:
    """Those who read every ledger get `status`; who reads one branch's alone finds nothing; other members 403."""
    answers = dict.fromkeys(EVERY_LEDGER, status) | dict.fromkeys(BRANCH_SECRETARIES, 404) | {"visitor": 401}
    return tuple(answers.get(role, 403) for role in ROLES)


ROWS: Rows = {
    ("GET", "/api/v1/me/points"): Row(only(200, *PARTY)),
    ("GET", "/api/v1/me/points/indicators"): Row(only(200, *PARTY)),
    ("POST", "/api/v1/me/points/{entry}/appeal"): Row(
        signed_in(404), json={"text": "我请了假"}, path="/api/v1/me/points/{id}/appeal"
    ),
    ("GET", "/api/v1/points/proposable"): Row(only(200, *POINTS_DESK)),
    ("GET", "/api/v1/points/people"): Row(only(200, *POINTS_DESK)),
    ("GET", "/api/v1/points/proposals"): Row(only(200, *POINTS_DESK)),
    ("GET", "/api/v1/points/appeals"): Row(only(200, *POINTS_DESK)),
    ("GET", "/api/v1/points/ledger/branches"): Row(only(200, *EVERY_LEDGER, *BRANCH_SECRETARIES)),
    # those without a branch are nobody's
    ("GET", "/api/v1/points/ledger/members"): Row(foreign_branch(200)),
    ("GET", "/api/v1/points/ledger/members/{member}"): Row(foreign_branch(404), path="/api/v1/points/ledger/members/{thing}"),
    ("GET", "/api/v1/points/rules"): Row(signed_in(200)),
    ("POST", "/api/v1/points/rules/preview"): Row(only(200, *RULERS), json={}),
    # nothing is changed by it
    ("POST", "/api/v1/points/rules"): Row(
        only(409, *RULERS),
        json={"since": (datetime.now(UTC).date() + timedelta(days=9)).isoformat(), "reason": "年度修订"},
    ),
    ("GET", "/api/v1/points/exemptions"): Row(only(200, *EVERY_LEDGER, *BRANCH_SECRETARIES)),
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
}
