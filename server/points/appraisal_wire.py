"""Appraisals on the wire."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from ..core.moments import Moment
from ..core.wire import In
from ..identity import Person, Status
from .appraisal import Appraisal, AppraisalState, Grade, GradeObjection, Mark
from .appraising import Line, Own, Sheet, Summary
from .model import Aspect
from .wire import Id

_Text = Annotated[str, Field(max_length=3000)]


class AppraisalIn(In):
    """`self_until`, `peers_until`: the last days of assessing oneself and of marking the others."""

    branch: Id
    year: Annotated[int, Field(ge=2000, le=2100)]
    self_until: date
    peers_until: date


class SelfIn(In):
    marks: dict[Aspect, Mark]
    grade: Grade
    words: _Text


class PeerIn(In):
    member: Id
    marks: dict[Aspect, Mark]


class PeersIn(In):
    """All the others, once; none of it is kept but sums."""

    sheet: Annotated[list[PeerIn], Field(max_length=500)]


class GradeIn(In):
    grade: Grade | None
    opinion: _Text = ""


class WordsIn(In):
    text: _Text


class GradeAnswerIn(In):
    """`grade`: the new one, where the objection is upheld."""

    state: Literal["upheld", "rejected"]
    text: _Text
    grade: Grade | None = None


class AppraisalOut(BaseModel):
    """`words`: why the committee has sent it back."""

    id: str
    branch: str
    branch_name: str
    year: int
    state: AppraisalState
    self_until: date
    peers_until: date
    made_at: Moment
    submitted_at: Moment | None
    confirmed_at: Moment | None
    objections_until: date | None
    words: str

    @classmethod
    def of(cls, appraisal: Appraisal) -> "AppraisalOut":
        same = {name: getattr(appraisal, name) for name in cls.model_fields if name != "branch"}
        return cls(**same, branch=appraisal.branch_id)


class AppraisalSummaryOut(BaseModel):
    """`assessed` of `members` have assessed themselves, `raters` of `voters` have marked the others. `objections` wait."""

    appraisal: AppraisalOut
    members: int
    assessed: int
    voters: int
    raters: int
    objections: int

    @classmethod
    def about(cls, summary: Summary) -> "AppraisalSummaryOut":
        counts = {name: getattr(summary, name) for name in cls.model_fields if name != "appraisal"}
        return cls(appraisal=AppraisalOut.of(summary.appraisal), **counts)


class OpenableOut(BaseModel):
    id: str
    name: str


class AppraisalsOut(BaseModel):
    """`openable`: the branches the caller may open one for."""

    items: list[AppraisalSummaryOut]
    openable: list[OpenableOut]


class AppraisalLineOut(BaseModel):
    """`took_part`: has marked the others, null for who does not mark. `tally`: how often each mark was given on each aspect, by
    `raters` others; null until marking is over and four others have marked. `score`: the year's points, in tenths. `why`: the
    reason for no grade, "" where there is one to give."""

    member: str
    name: str
    status: Status
    assessed: bool
    took_part: bool | None
    self_marks: dict[Aspect, Mark]
    self_grade: Grade | None
    self_words: str
    tally: dict[Aspect, dict[Mark, int]] | None
    raters: int | None
    score: int
    why: str
    grade: Grade | None
    opinion: str
    graded_by: str
    objection: str
    objected_at: Moment | None
    objection_state: GradeObjection | None
    answer: str
    answered_by: str

    @classmethod
    def of(cls, line: Line, people: Mapping[str, Person]) -> "AppraisalLineOut":
        one = line.of
        return cls(
            member=one.member_id,
            name=one.name,
            status=one.status,
            assessed=one.assessed,
            took_part=line.took_part,
            self_marks=dict(one.self_marks),
            self_grade=one.self_grade,
            self_words=one.self_words,
            tally=None if line.tally is None else {aspect: dict(by) for aspect, by in line.tally.items()},
            raters=line.raters,
            score=line.score,
            why=line.why,
            grade=one.grade,
            opinion=one.opinion,
            graded_by=_name(one.graded_by, people),
            objection=one.objection,
            objected_at=one.objected_at,
            objection_state=one.objection_state,
            answer=one.answer,
            answered_by=_name(one.answered_by, people),
        )


class AppraisalSheetOut(BaseModel):
    """`excellent` of at most `most` are 优秀, of `graded` who get a grade."""

    appraisal: AppraisalOut
    lines: list[AppraisalLineOut]
    graded: int
    most: int
    excellent: int

    @classmethod
    def of(cls, sheet: Sheet, people: Mapping[str, Person]) -> "AppraisalSheetOut":
        return cls(
            appraisal=AppraisalOut.of(sheet.appraisal),
            lines=[AppraisalLineOut.of(each, people) for each in sheet.lines],
            graded=sheet.graded,
            most=sheet.most,
            excellent=sheet.excellent,
        )


class ColleagueOut(BaseModel):
    id: str
    name: str


class OwnAppraisalOut(BaseModel):
    """`may_assess`, `may_mark`: still. `others`: whom one marks. `grade` and `opinion` only once they are confirmed."""

    appraisal: AppraisalOut
    status: Status
    exempt: bool
    votes: bool
    may_assess: bool
    may_mark: bool
    marked: bool
    self_marks: dict[Aspect, Mark]
    self_grade: Grade | None
    self_words: str
    others: list[ColleagueOut]
    grade: Grade | None
    opinion: str
    may_object: bool
    objection: str
    objection_state: GradeObjection | None
    answer: str

    @classmethod
    def of(cls, own: Own) -> "OwnAppraisalOut":
        one, appraisal = own.of, own.appraisal
        is_open, told = appraisal.state is AppraisalState.OPEN, appraisal.state is AppraisalState.CONFIRMED
        until = appraisal.objections_until
        in_time = until is not None and own.today <= until
        return cls(
            appraisal=AppraisalOut.of(appraisal).model_copy(update={"words": ""}),
            status=one.status,
            exempt=one.exempt,
            votes=one.votes,
            may_assess=is_open and own.today <= appraisal.self_until,
            may_mark=is_open and own.today <= appraisal.peers_until and one.votes and not own.marked,
            marked=own.marked,
            self_marks=dict(one.self_marks),
            self_grade=one.self_grade,
            self_words=one.self_words,
            others=[ColleagueOut(id=each.member_id, name=each.name) for each in own.others],
            grade=one.grade if told else None,
            opinion=one.opinion if told else "",
            may_object=told and one.grade is not None and in_time and one.objection_state is None,
            objection=one.objection,
            objection_state=one.objection_state,
            answer=one.answer,
        )


class OwnAppraisalsOut(BaseModel):
    items: list[OwnAppraisalOut]


def _name(member_id: str | None, people: Mapping[str, Person]) -> str:
    found = None if member_id is None else people.get(member_id)
    return "" if found is None else found.name
