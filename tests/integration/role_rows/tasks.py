"""Tasks; the fresh one is the branch's, and given to all its members."""

from tests.support.roles import ROLES

from .activities import BRANCH_RUNS
from .people import COMMITTEE, PARTY, PNG
from .row import Row, Rows, only, signed_in

TASKS, TASK = "/api/v1/tasks", "/api/v1/tasks/{task}"
WORDS = {"title": "学习通知", "text": "请认真阅读", "due_at": "2027-07-01T01:00:00Z", "branches": "{branches}"}


def run_by_branch(status: int) -> tuple[int, ...]:
    """Those who run the branch get `status`; its other members see that it is there, and are refused; others find nothing."""
    answers = dict.fromkeys(BRANCH_RUNS, status) | {"visitor": 401, "employee": 404}
    return tuple(answers.get(role, 403) for role in ROLES)


ROWS: Rows = {
    ("GET", TASKS): Row(signed_in(200)),
    ("POST", TASKS): Row(only(201, *BRANCH_RUNS), json=WORDS),
    ("GET", "/api/v1/me/tasks"): Row(signed_in(200)),
    ("GET", "/api/v1/me/tasks/waiting"): Row(signed_in(200)),
    ("GET", "/api/v1/task-burdens"): Row(only(200, *COMMITTEE)),
    ("GET", TASK): Row(only(200, *PARTY, refused=404)),
    ("PUT", TASK): Row(run_by_branch(200), json=WORDS),
    ("DELETE", TASK): Row(run_by_branch(409)),
    ("POST", f"{TASK}/give"): Row(run_by_branch(200)),
    ("POST", f"{TASK}/close"): Row(run_by_branch(200)),
    ("POST", f"{TASK}/withdraw"): Row(run_by_branch(200), json={"reason": "发错了"}),
    ("POST", f"{TASK}/files"): Row(run_by_branch(200), data=PNG),
    ("GET", f"{TASK}/files/{{id}}"): Row(signed_in(404)),
    ("GET", f"{TASK}/versions/{{number}}"): Row(only(200, *BRANCH_RUNS, refused=404), path=f"{TASK}/versions/1"),
    ("POST", f"{TASK}/confirm"): Row(only(409, *PARTY, refused=404), json={"version": 1, "hash": "0" * 64}),
    ("POST", f"{TASK}/burden"): Row(only(204, *PARTY, refused=404)),
    ("GET", f"{TASK}/people"): Row(run_by_branch(200)),
    ("GET", f"{TASK}/people.xlsx"): Row(run_by_branch(200)),
    ("POST", f"{TASK}/remind"): Row(run_by_branch(200)),
    ("POST", f"{TASK}/confirmations"): Row(run_by_branch(404), json={"members": "{members}", "reason": "没有手机"}),
    ("POST", f"{TASK}/confirmations/take-back"): Row(run_by_branch(404), json={"member": "{stranger}", "reason": "登记错了"}),
}
