"""The sample organisation: invented people of an invented company, loaded into an empty installation.

The people come in as a roster, exactly as an operator's own would; then every account gets the one public password. M004, who
runs the affairs office, is administrator in addition to the sample's roles. Once there is an administrator nothing is loaded
again, so a second start keeps what visitors of the demo have changed.
"""

import csv
import io
import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from server.core.clock import Clock
from server.core.db import Database
from server.identity import Identity, Member, Person, Role, Status, import_roster

log = structlog.get_logger(__name__)

PASSWORD = "demo-hongbo"  # noqa: S105  # public by design; the demo listens on loopback only
ADMINISTRATOR = "M004"
FILE = Path(__file__).resolve().parent / "sample_org.json"

_VISIBILITY = {"members": "members", "members_and_employees": "employees"}
_COMMENT_MODE = {"members_post_moderated": "post_moderated", "all_pre_moderated": "pre_moderated"}


@dataclass(frozen=True, slots=True)
class SamplePerson:
    ref: str
    name: str
    mobile: str
    status: Status
    branch: str | None
    roles: tuple[Role, ...]


@dataclass(frozen=True, slots=True)
class SampleBroadcast:
    """A broadcast of the sample, placed relative to the day of the start."""

    title: str
    starts_at: datetime
    minutes: int
    host_mobile: str
    visibility: str
    comment_mode: str


@dataclass(frozen=True, slots=True)
class Sample:
    """What the file says. `branches`: their names by reference; `cities` by branch name."""

    committee: str
    branches: dict[str, str]
    cities: dict[str, str]
    people: tuple[SamplePerson, ...]
    live: tuple[dict[str, Any], ...]
    meetings: tuple[dict[str, Any], ...]
    tasks: tuple[dict[str, Any], ...]
    shakes: tuple[dict[str, Any], ...]
    theme_days: dict[str, Any]
    zone: ZoneInfo

    def mobile_of(self, ref: str) -> str:
        return next(person.mobile for person in self.people if person.ref == ref)

    def broadcasts(self, now: datetime) -> list[SampleBroadcast]:
        """Those still to come, seen from `now`; the past ones would need recordings."""
        today = now.astimezone(self.zone).date()
        planned = [self._broadcast(activity, today) for activity in self.live]
        return [broadcast for broadcast in planned if broadcast.starts_at > now]

    def _broadcast(self, activity: dict[str, Any], today: date) -> SampleBroadcast:
        starts = activity["starts"]
        day = today + timedelta(days=starts["rel_days"])
        return SampleBroadcast(
            title=activity["title"],
            starts_at=datetime.combine(day, time.fromisoformat(starts["time"]), self.zone).astimezone(UTC),
            minutes=activity["minutes"],
            host_mobile=self.mobile_of(activity["host"]),
            visibility=_VISIBILITY[activity["visibility"]],
            comment_mode=_COMMENT_MODE[activity["comment_mode"]],
        )


def load_sample(file: Path = FILE) -> Sample:
    content = json.loads(file.read_text(encoding="utf-8"))
    branches = {branch["id"]: branch for branch in content["branches"]}
    members = [
        SamplePerson(
            ref=member["id"],
            name=member["name"],
            mobile=member["mobile"],
            status=Status(member["status"]),
            branch=branches[member["branch"]]["name"],
            roles=tuple(Role(role) for role in [*member["roles"], *(["administrator"] * (member["id"] == ADMINISTRATOR))]),
        )
        for member in content["members"]
    ]
    employees = [
        SamplePerson(employee["id"], employee["name"], employee["mobile"], Status.EMPLOYEE, None, ())
        for employee in content["employees"]
    ]
    return Sample(
        committee=content["committee"]["name"],
        branches={ref: branch["name"] for ref, branch in branches.items()},
        cities={branch["name"]: branch["city"] for branch in content["branches"]},
        people=(*members, *employees),
        live=tuple(content["broadcasts"]),
        meetings=tuple(content["activities"]),
        tasks=tuple(content["tasks"]),
        shakes=tuple(content["shakes"]),
        theme_days=content["theme_days"],
        zone=ZoneInfo(content["timezone"]),
    )


def as_roster(sample: Sample) -> bytes:
    """The people as a roster file, in the columns of `hongbo roster import`."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["编号", "姓名", "手机号", "支部", "城市", "身份", "角色"])
    for person in sample.people:
        roles = "、".join(role.label for role in person.roles)
        city = sample.cities.get(person.branch or "", "")
        writer.writerow([person.ref, person.name, person.mobile, person.branch or "", city, person.status.label, roles])
    return out.getvalue().encode("utf-8-sig")


async def add_organisation(sample: Sample, database: Database, identity: Identity, clock: Clock) -> bool:
    """Load name and people; what is there already stays as it is. Whether the people were loaded now."""
    await identity.preset_organisation(sample.committee)
    if not await identity.setup_needed():
        return False
    result = await import_roster(database, as_roster(sample), clock=clock)
    accounts = await identity.preset_passwords(PASSWORD)
    log.info("demo_organisation_loaded", branches=result.branches_added, accounts=accounts)
    return True


async def member_as(identity: Identity, mobile: str, role: Role) -> Member | None:
    """Somebody of the demo, as if signed in; None when whoever had that role has been removed or changed."""
    people = await identity.find_people(q=mobile, role=role, limit=2)
    if len(people) != 1:
        log.warning("demo_person_missing", role=role.value)
        return None
    return as_signed_in(people[0])


def as_signed_in(person: Person) -> Member:
    return Member(
        id=person.id,
        name=person.name,
        branch_id=person.branch_id,
        branch_name=person.branch_name,
        status=person.status,
        roles=person.roles,
        session_id="demo",
    )
