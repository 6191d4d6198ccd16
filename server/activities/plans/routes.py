"""The plan of a year over HTTP."""

from datetime import date

from aiohttp import web
from pydantic import BaseModel

from ...core.http import Routes
from ...core.wire import In
from ...identity import require_member
from ..model import ActivityKind
from .model import Cycle, Duty, Stage
from .service import BranchYear, Plans

PLANS: web.AppKey[Plans] = web.AppKey("PLANS")


class YearQuery(In):
    """Without `year`: this one."""

    year: int | None = None


class DutyPeriodOut(BaseModel):
    """`ends`: its last day. `confirmed`: how many of those held have a confirmed record."""

    number: int
    starts: date
    ends: date
    stage: Stage
    held: int
    confirmed: int


class DutyOut(BaseModel):
    """`applies` false: not owed by this branch. `urgent`: the period that runs ends soon, and nothing is planned."""

    kind: ActivityKind
    cycle: Cycle
    applies: bool
    owed: int
    held: int
    confirmed: int
    missed: int
    urgent: bool
    periods: list[DutyPeriodOut]

    @classmethod
    def of(cls, duty: Duty) -> "DutyOut":
        return cls(
            kind=duty.kind,
            cycle=duty.cycle,
            applies=duty.applies,
            owed=duty.owed,
            held=duty.held,
            confirmed=duty.confirmed,
            missed=duty.missed,
            urgent=duty.urgent,
            periods=[
                DutyPeriodOut(
                    number=each.number,
                    starts=each.starts,
                    ends=each.ends,
                    stage=each.stage,
                    held=each.held,
                    confirmed=each.confirmed,
                )
                for each in duty.periods
            ],
        )


class BranchYearOut(BaseModel):
    """`missed`: periods of all kinds that went by without; `urgent`: kinds that are."""

    branch_id: str
    branch_name: str
    missed: int
    urgent: int
    duties: list[DutyOut]

    @classmethod
    def of(cls, branch: BranchYear) -> "BranchYearOut":
        return cls(
            branch_id=branch.branch_id,
            branch_name=branch.branch_name,
            missed=sum(each.missed for each in branch.duties),
            urgent=sum(each.urgent for each in branch.duties),
            duties=[DutyOut.of(each) for each in branch.duties],
        )


class PlansOut(BaseModel):
    year: int
    items: list[BranchYearOut]


def add_plans(routes: Routes) -> None:
    @routes.get("/api/v1/activity-plans", who="those who run a branch's activities", summary="What is due in a year")
    async def plans(request: web.Request, query: YearQuery) -> PlansOut:
        year, found = await request.app[PLANS].of(await require_member(request), query.year)
        return PlansOut(year=year, items=[BranchYearOut.of(each) for each in found])
