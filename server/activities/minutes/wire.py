"""Records of meetings on the wire."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from ...core.errors import Invalid
from ...core.moments import Moment
from ...core.texts import tidied, tidied_lines
from ...core.wire import In
from ...identity import Person, Status
from ..model import PLACE_MOST, REASON_MOST, Way
from ..wire import Id
from .model import (
    AMENDMENT_MOST,
    LINE_MOST,
    MOST_ITEMS,
    TEXT_MOST,
    Amendment,
    Attachment,
    Attendee,
    Content,
    MinutesState,
    Speech,
    Waiting,
)
from .service import Shown
from .votes import Ballot, Motion, Rule, Turnout, outcome, rule_of

Line = Annotated[str, Field(max_length=LINE_MOST)]
Text = Annotated[str, Field(max_length=TEXT_MOST)]
Count = Annotated[int, Field(ge=0, le=100_000)]
Version = Annotated[int, Field(ge=0)]


class SpeechIn(In):
    """`member` is null for a guest."""

    name: Annotated[str, Field(max_length=60)]
    points: Text
    member: Id | None = None


class MotionIn(In):
    """`voters`: how many with the right to vote were there at that moment, if fewer than had come."""

    title: Line
    ballot: Ballot = Ballot.OPEN
    in_favour: Count = 0
    against: Count = 0
    abstained: Count = 0
    voters: Count | None = None


class RecordIn(In):
    """The whole text. `version`: the one it was made from; what is empty in it is dropped."""

    version: Version
    place: Annotated[str, Field(max_length=PLACE_MOST)] = ""
    held_from: AwareDatetime | None = None
    held_until: AwareDatetime | None = None
    agenda: Annotated[list[Line], Field(max_length=MOST_ITEMS, default_factory=list)]
    speeches: Annotated[list[SpeechIn], Field(max_length=MOST_ITEMS, default_factory=list)]
    decisions: Annotated[list[Text], Field(max_length=MOST_ITEMS, default_factory=list)]
    motions: Annotated[list[MotionIn], Field(max_length=MOST_ITEMS, default_factory=list)]

    def content(self) -> Content:
        if self.held_from is not None and self.held_until is not None and self.held_until < self.held_from:
            raise Invalid("times_invalid", "散会时间须在开会之后")
        speeches = [Speech(tidied(each.name), tidied_lines(each.points), each.member) for each in self.speeches]
        motions = [
            Motion(tidied(each.title), each.ballot, each.in_favour, each.against, each.abstained, each.voters)
            for each in self.motions
        ]
        return Content(
            place=tidied(self.place),
            held_from=self.held_from,
            held_until=self.held_until,
            agenda=tuple(filter(None, map(tidied, self.agenda))),
            speeches=tuple(each for each in speeches if each.name or each.points),
            decisions=tuple(filter(None, map(tidied_lines, self.decisions))),
            motions=tuple(each for each in motions if each.title or each.cast),
        )


class VersionIn(In):
    version: Version


class NamedIn(In):
    """Ids of members of the branch, or on the list."""

    chair: Id | None = None
    recorder: Id | None = None


class ReturnIn(In):
    reason: Annotated[str, Field(max_length=REASON_MOST)]


class AmendmentIn(In):
    text: Annotated[str, Field(min_length=1, max_length=AMENDMENT_MOST)]
    reason: Annotated[str, Field(min_length=1, max_length=REASON_MOST)]
    client_id: Annotated[str, Field(min_length=1, max_length=64)]


# What goes out


class SpeechOut(BaseModel):
    name: str
    points: str
    member: str | None


class MotionOut(BaseModel):
    """`passed` and `words` follow from the rule of the kind of meeting: `enough` with the right to vote had to be there,
    `needed` had to be in favour."""

    title: str
    ballot: Ballot
    in_favour: int
    against: int
    abstained: int
    voters: int | None
    enough: int
    needed: int
    quorate: bool
    passed: bool
    words: str

    @classmethod
    def of(cls, motion: Motion, rule: Rule, turnout: Turnout) -> "MotionOut":
        came = outcome(rule, turnout, motion)
        return cls(
            title=motion.title,
            ballot=motion.ballot,
            in_favour=motion.in_favour,
            against=motion.against,
            abstained=motion.abstained,
            voters=motion.voters,
            enough=came.enough,
            needed=came.needed,
            quorate=came.quorate,
            passed=came.passed,
            words=came.words,
        )


class AttendeeOut(BaseModel):
    """`absence`, `way`, `by` and `reason` are told to those in charge, the chair and the recorder alone."""

    member: str
    name: str
    branch_name: str | None
    status: Status
    voting: bool
    expected: bool
    present_at: Moment | None
    way: Way | None
    by: str | None
    reason: str
    absence: str | None

    @classmethod
    def of(cls, each: Attendee) -> "AttendeeOut":
        return cls(
            member=each.member_id,
            name=each.name,
            branch_name=each.branch_name,
            status=each.status,
            voting=each.voting,
            expected=each.expected,
            present_at=each.present_at,
            way=None if each.way is None else Way(each.way),
            by=each.by,
            reason=each.reason,
            absence=each.absence,
        )


class AmendmentOut(BaseModel):
    id: str
    at: Moment
    by: str | None
    text: str
    reason: str

    @classmethod
    def of(cls, each: Amendment, by: str | None) -> "AmendmentOut":
        return cls(id=each.id, at=each.at, by=by, text=each.text, reason=each.reason)


class AttachmentOut(BaseModel):
    """`kind`: `jpeg` or `pdf`. `later`: it came after the confirmation. `sha256` is of the file as it is given back."""

    id: str
    name: str
    kind: str
    size: int
    sha256: str
    by: str | None
    at: Moment
    later: bool

    @classmethod
    def of(cls, each: Attachment, shown: Shown) -> "AttachmentOut":
        confirmed = shown.minutes.confirmed_at
        return cls(
            id=each.id,
            name=each.name,
            kind=each.kind,
            size=each.size,
            sha256=each.sha256,
            by=shown.name(each.by),
            at=each.at,
            later=confirmed is not None and each.at > confirmed,
        )


class NamedOut(BaseModel):
    id: str
    name: str


class TurnoutOut(BaseModel):
    """`voters`: with the right to vote, of those expected."""

    expected: int
    present: int
    voters: int
    voters_present: int


class RecordRights(BaseModel):
    """What the reader may do now."""

    everything: bool
    writes: bool
    names: bool
    submits: bool
    confirms: bool
    amends: bool
    attaches: bool


class RecordOut(BaseModel):
    """`version` 0: nothing has been written yet. `returned`: why it was sent back. From the confirmation on `people` are as
    they were then."""

    activity: str
    state: MinutesState
    version: int
    rule: Rule
    chair: NamedOut | None
    recorder: NamedOut | None
    place: str
    held_from: Moment | None
    held_until: Moment | None
    agenda: list[str]
    speeches: list[SpeechOut]
    decisions: list[str]
    motions: list[MotionOut]
    turnout: TurnoutOut
    people: list[AttendeeOut]
    saved_by: str | None
    saved_at: Moment | None
    submitted_by: str | None
    submitted_at: Moment | None
    confirmed_by: str | None
    confirmed_at: Moment | None
    returned: str
    amendments: list[AmendmentOut]
    attachments: list[AttachmentOut]
    rights: RecordRights

    @classmethod
    def of(cls, shown: Shown) -> "RecordOut":
        minutes, content, turnout, may = shown.minutes, shown.minutes.content, shown.turnout, shown.rights
        rule = rule_of(shown.activity.plan.kind)

        def named(member_id: str | None) -> NamedOut | None:
            name = shown.name(member_id)
            return None if member_id is None or name is None else NamedOut(id=member_id, name=name)

        return cls(
            activity=minutes.activity_id,
            state=minutes.state,
            version=minutes.version,
            rule=rule,
            chair=named(minutes.chair_id),
            recorder=named(minutes.recorder_id),
            place=content.place,
            held_from=content.held_from,
            held_until=content.held_until,
            agenda=list(content.agenda),
            speeches=[SpeechOut(name=each.name, points=each.points, member=each.member_id) for each in content.speeches],
            decisions=list(content.decisions),
            motions=[MotionOut.of(each, rule, turnout) for each in content.motions],
            turnout=TurnoutOut(
                expected=turnout.expected,
                present=turnout.present,
                voters=turnout.voters,
                voters_present=turnout.voters_present,
            ),
            people=[AttendeeOut.of(each) for each in shown.roll],
            saved_by=shown.name(minutes.saved_by),
            saved_at=minutes.saved_at,
            submitted_by=shown.name(minutes.submitted_by),
            submitted_at=minutes.submitted_at,
            confirmed_by=shown.name(minutes.confirmed_by),
            confirmed_at=minutes.confirmed_at,
            returned=minutes.returned,
            amendments=[AmendmentOut.of(each, shown.name(each.by)) for each in shown.amendments],
            attachments=[AttachmentOut.of(each, shown) for each in shown.attachments],
            rights=RecordRights(
                everything=may.everything,
                writes=may.writes,
                names=may.names,
                submits=may.submits,
                confirms=may.confirms,
                amends=may.amends,
                attaches=may.attaches,
            ),
        )


class AttachmentQuery(In):
    """What the file is called."""

    name: Annotated[str, Field(max_length=300)] = ""


class WaitingRecordOut(BaseModel):
    """Handed in, for the caller to confirm or send back. `by`: the name of who handed it in."""

    activity: str
    title: str
    starts_at: Moment
    by: str
    submitted_at: Moment

    @classmethod
    def of(cls, waiting: Waiting, people: Mapping[str, Person]) -> "WaitingRecordOut":
        person = people.get(waiting.submitted_by)
        return cls(
            activity=waiting.activity_id,
            title=waiting.title,
            starts_at=waiting.starts_at,
            by="" if person is None else person.name,
            submitted_at=waiting.submitted_at,
        )


class WaitingRecordsOut(BaseModel):
    items: list[WaitingRecordOut]
