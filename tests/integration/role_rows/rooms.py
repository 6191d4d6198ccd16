"""What goes on around a broadcast: comments, questions, polls, notices, attendance, the report."""

from .people import BRANCH_SECRETARIES, INSIDERS, ONE
from .row import Row, Rows, on_air, only, over, signed_in

ROSTER = (*INSIDERS, *BRANCH_SECRETARIES, "affairs_staff", "committee_deputy_secretary")

ROWS: Rows = {
    ("GET", f"{ONE}/comments"): Row(signed_in(200)),
    ("GET", "/api/v1/attendance/rules"): Row(signed_in(200)),
    ("GET", f"{ONE}/attendance"): Row(signed_in(200)),
    ("GET", f"{ONE}/attendance/people"): Row(only(200, *ROSTER)),
    ("GET", f"{ONE}/attendance/people.xlsx"): Row(only(200, *ROSTER)),
    ("GET", f"{ONE}/attendance/rules"): Row(only(200, "host")),
    ("PUT", f"{ONE}/attendance/rules"): Row(
        only(200, "host"), json={"number": 2, "seconds": 60, "needed": 1}, later={**on_air(409), **over(409)}
    ),
    ("POST", f"{ONE}/attendance/quiz"): Row(signed_in(409)),  # its replay does not count
    ("PUT", f"{ONE}/attendance/quiz/{{quiz}}"): Row(
        signed_in(404), json={"answers": [0, 0, 0]}, path=f"{ONE}/attendance/quiz/none"
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
}
