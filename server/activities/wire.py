"""Activities on the wire."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ..core.moments import Moment, When
from ..core.texts import tidied, tidied_lines, written
from ..core.wire import In
from ..identity import Member, Person, home_of
from .model import (
    INTRO_MOST,
    PLACE_MOST,
    REASON_MOST,
    SEATS_MOST,
    TITLE_MOST,
    USUAL,
    Activity,
    ActivityKind,
    ActivityState,
    Claim,
    ClaimState,
    Part,
    Plan,
    Seat,
    Topic,
    Way,
)
from .service import Listed

Id = Annotated[str, Field(max_length=36)]
Title = Annotated[str, Field(min_length=1, max_length=TITLE_MOST)]
Place = Annotated[str, Field(max_length=PLACE_MOST)]
Intro = Annotated[str, Field(max_length=INTRO_MOST)]
Reason = Annotated[str, Field(max_length=REASON_MOST)]
SeatCount = Annotated[int, Field(ge=1, le=SEATS_MOST)]
Code = Annotated[str, Field(min_length=1, max_length=64)]
Ids = Annotated[list[Id], Field(max_length=500)]


# What comes in


class ActivityIn(In):
    """Without `branch_id` it belongs to the caller's branch, or to the whole committee if they run that (or say `whole`).
    Without `ends_at` it takes an hour. A `draft` is seen by those who run it alone."""

    kind: ActivityKind
    title: Title
    starts_at: When
    ends_at: When | None = None
    branch_id: Id | None = None
    whole: bool = False
    place: Place = ""
    intro: Intro = ""
    topic: Topic | None = None
    broadcast: Id | None = None
    seats: SeatCount | None = None
    cancel_until: When | None = None
    draft: bool = False

    def plan(self, member: Member) -> Plan:
        return Plan(
            kind=self.kind,
            title=written(self.title, most=TITLE_MOST),
            starts_at=self.starts_at,
            ends_at=self.ends_at or self.starts_at + USUAL,
            branch_id=None if self.whole else self.branch_id or home_of(member),
            place=tidied(self.place),
            intro=tidied_lines(self.intro),
            topic=self.topic,
            broadcast_id=self.broadcast,
            seats=self.seats,
            cancel_until=self.cancel_until,
        )


class ChangesIn(In):
    """What is left out stays."""

    title: Title | None = None
    starts_at: When | None = None
    ends_at: When | None = None
    place: Place | None = None
    intro: Intro | None = None
    topic: Topic | None = None
    broadcast: Id | None = None
    seats: SeatCount | None = None
    cancel_until: When | None = None

    def applied(self, plan: Plan) -> Plan:
        given = {name: getattr(self, name) for name in self.model_fields_set}
        if "broadcast" in given:
            given["broadcast_id"] = given.pop("broadcast")
        for name in ("title", "place", "intro", "starts_at", "ends_at"):
            if name in given and given[name] is None:
                del given[name]
        if "title" in given:
            given["title"] = written(given["title"], most=TITLE_MOST)
        if "place" in given:
            given["place"] = tidied(given["place"])
        if "intro" in given:
            given["intro"] = tidied_lines(given["intro"])
        return replace(plan, **given)


class WindowQuery(In):
    """What touches the time between; without, from a month ago to three months ahead."""

    since: When | None = None
    until: When | None = None


class CheckInIn(In):
    """The code from the wall, scanned or typed."""

    code: Code


class ClaimIn(In):
    """What a phone without a network kept."""

    code: Code
    scanned_at: When


class DecisionIn(In):
    member: Id
    confirm: bool
    reason: Reason


class PresencesIn(In):
    """`late_checkin` and `proxy_checkin` need a reason; `ticked` is a list on paper."""

    members: Annotated[list[Id], Field(min_length=1, max_length=500)]
    way: Literal[Way.LATE, Way.PROXY, Way.TICKED]
    reason: Reason = ""


class PersonIn(In):
    member: Id
    reason: Reason


class LeaveIn(In):
    reason: Reason


class ExpectedIn(In):
    """`branches`: all members of these, for the committee's people to ask."""

    add: Ids = []
    remove: Ids = []
    branches: Ids = []


# What goes out


class PartOut(BaseModel):
    """What the caller has to do with an activity. `seat` is `going`, or `waiting` for one."""

    expected: bool
    seat: Seat | None
    present_at: Moment | None
    way: Way | None
    absence: str | None

    @classmethod
    def of(cls, part: Part | None) -> "PartOut":
        if part is None:
            return cls(expected=False, seat=None, present_at=None, way=None, absence=None)
        return cls(expected=part.expected, seat=part.seat, present_at=part.present_at, way=part.way, absence=part.absence)


class ActivityOut(BaseModel):
    """`branch_id` null: the whole committee's. `runs`: the caller is in charge. `mine`: the caller's own part in it."""

    id: str
    kind: ActivityKind
    title: str
    starts_at: Moment
    ends_at: Moment
    branch_id: str | None
    branch_name: str | None
    place: str
    intro: str
    topic: Topic | None
    broadcast: str | None
    seats: int | None
    cancel_until: Moment
    state: ActivityState
    revision: int
    expected: int
    present: int
    going: int
    waiting: int
    runs: bool
    burdened: bool
    mine: PartOut

    @classmethod
    def of(cls, listed: Listed, branches: Mapping[str, str]) -> "ActivityOut":
        activity, plan, counts = listed.activity, listed.activity.plan, listed.counts
        return cls(
            id=activity.id,
            kind=plan.kind,
            title=plan.title,
            starts_at=plan.starts_at,
            ends_at=plan.ends_at,
            branch_id=plan.branch_id,
            branch_name=None if plan.branch_id is None else branches.get(plan.branch_id),
            place=plan.place,
            intro=plan.intro,
            topic=plan.topic,
            broadcast=plan.broadcast_id,
            seats=plan.seats,
            cancel_until=activity.until,
            state=activity.state,
            revision=activity.revision,
            expected=counts.expected,
            present=counts.present,
            going=counts.going,
            waiting=counts.waiting,
            runs=listed.runs,
            burdened=listed.burdened,
            mine=PartOut.of(listed.part),
        )


class ActivitiesOut(BaseModel):
    """`creates`: the caller may create activities."""

    items: list[ActivityOut]
    creates: bool


class ActivityLinkOut(BaseModel):
    """As much as a link to it says."""

    id: str
    kind: ActivityKind
    title: str
    starts_at: Moment
    state: ActivityState

    @classmethod
    def of(cls, activity: Activity) -> "ActivityLinkOut":
        plan = activity.plan
        return cls(id=activity.id, kind=plan.kind, title=plan.title, starts_at=plan.starts_at, state=activity.state)


class ActivityLinksOut(BaseModel):
    items: list[ActivityLinkOut]


class ClaimOut(BaseModel):
    """Of the caller; `state` is `present` for whoever is present already."""

    state: Literal["waiting", "confirmed", "declined", "present"]
    reason: str

    @classmethod
    def of(cls, claim: Claim | None) -> "ClaimOut":
        return cls(state="present", reason="") if claim is None else cls(state=claim.state.value, reason=claim.reason)


class OnListOut(BaseModel):
    """Somebody on the list of the person in charge. `by`: the name of who marked them, where somebody did."""

    member: str
    name: str
    branch_name: str | None
    expected: bool
    seat: Seat | None
    present_at: Moment | None
    way: Way | None
    by: str | None
    reason: str
    absence: str | None

    @classmethod
    def of(cls, part: Part, people: Mapping[str, Person]) -> "OnListOut":
        person = people.get(part.member_id)
        return cls(
            member=part.member_id,
            name=person.name if person else "",
            branch_name=person.branch_name if person else None,
            expected=part.expected,
            seat=part.seat,
            present_at=part.present_at,
            way=part.way,
            by=people[part.by].name if part.by is not None and part.by in people else None,
            reason=part.reason,
            absence=part.absence,
        )


class ClaimedOut(BaseModel):
    """A claim, for the person in charge. `genuine`: the code was on the wall when the phone says it saw it."""

    member: str
    name: str
    scanned_at: Moment
    claimed_at: Moment
    genuine: bool
    state: ClaimState
    reason: str

    @classmethod
    def of(cls, claim: Claim, people: Mapping[str, Person]) -> "ClaimedOut":
        person = people.get(claim.member_id)
        return cls(
            member=claim.member_id,
            name=person.name if person else "",
            scanned_at=claim.scanned_at,
            claimed_at=claim.claimed_at,
            genuine=claim.genuine,
            state=claim.state,
            reason=claim.reason,
        )


class PeopleOut(BaseModel):
    items: list[OnListOut]
    claims: list[ClaimedOut]


class MarkedOut(BaseModel):
    """How many were not present before."""

    marked: int


class WallOut(BaseModel):
    """`qr`: the link as a picture, a data URL. The code is another one from `until` on."""

    code: str
    link: str
    qr: str
    until: Moment
    expected: int
    present: int
    latest: list[str]


class CalendarOut(BaseModel):
    """Whoever has the address reads the calendar."""

    url: str


class BurdenOut(BaseModel):
    """How many said that an activity was too much for them, up to yesterday; never who, nor at what time."""

    id: str
    title: str
    kind: ActivityKind
    starts_at: Moment
    branch_name: str | None
    people: int
    last_day: date

    @classmethod
    def of(cls, activity: Activity, people: int, last_day: date, branches: Mapping[str, str]) -> "BurdenOut":
        plan = activity.plan
        branch = None if plan.branch_id is None else branches.get(plan.branch_id)
        return cls(
            id=activity.id,
            title=plan.title,
            kind=plan.kind,
            starts_at=plan.starts_at,
            branch_name=branch,
            people=people,
            last_day=last_day,
        )


class BurdensOut(BaseModel):
    items: list[BurdenOut]
