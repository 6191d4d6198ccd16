"""Reports on the wire."""

from typing import Self

from pydantic import BaseModel

from ..core.moments import Moment
from ..polls import Poll, PollState, Tally
from ..questions import Question
from .model import Minute, Report


class ReportMinute(BaseModel):
    """`viewers`: most at a time within the minute; null where nobody was counted. `reactions`: by kind."""

    at: Moment
    viewers: int | None
    comments: int
    questions: int
    reactions: dict[str, int]

    @classmethod
    def of(cls, minute: Minute) -> Self:
        return cls(
            at=minute.at,
            viewers=minute.viewers,
            comments=minute.comments,
            questions=minute.questions,
            reactions=dict(minute.reactions),
        )


class ReportViewers(BaseModel):
    """`average`: of the time in which anybody was counted."""

    peak: int
    peak_at: Moment | None
    average: float | None


class ReportComments(BaseModel):
    """`posted` are those that stand."""

    posted: int
    removed: int
    people: int


class ReportQuestion(BaseModel):
    """`by` is null where it was asked without a name."""

    at: Moment
    by: str | None
    text: str
    votes: int
    state: str
    replies: int
    adopted: bool


class ReportQuestions(BaseModel):
    """Those that stand, and how many were removed. `replied`: written answers; `adopted`: of those, adopted by the host."""

    asked: int
    answered: int
    replied: int
    adopted: int
    removed: int
    items: list[ReportQuestion]


class ReportPoll(BaseModel):
    """`removed`: taken back from the room; its result is still told here."""

    question: str
    options: list[str]
    most: int
    counts: list[int]
    voters: int
    opened_at: Moment | None
    closed_at: Moment | None
    removed: bool

    @classmethod
    def of(cls, poll: Poll, tally: Tally) -> Self:
        return cls(
            question=poll.plan.question,
            options=list(poll.plan.options),
            most=poll.plan.most,
            counts=list(tally.counts),
            voters=tally.voters,
            opened_at=poll.opened_at,
            closed_at=poll.closed_at,
            removed=poll.state is PollState.REMOVED,
        )


class ReportOut(BaseModel):
    """What happened in a broadcast's room. `until`: its end, or now while it is on air. `people`: members who wrote, asked,
    answered or voted. `purged_at`: since when what was said is not kept any more."""

    broadcast: str
    title: str
    live_at: Moment
    until: Moment
    on_air: bool
    purged_at: Moment | None
    viewers: ReportViewers
    people: int
    comments: ReportComments
    reactions: dict[str, int]
    questions: ReportQuestions
    polls: list[ReportPoll]
    minutes: list[ReportMinute]

    @classmethod
    def of(cls, report: Report) -> Self:
        broadcast, viewers, asked = report.broadcast, report.viewers, report.asked
        standing = [each for each in asked.questions if each.removed is None]
        replies = [each for each in asked.replies if each.removed is None]

        def question(each: Question) -> ReportQuestion:
            return ReportQuestion(
                at=each.at,
                by=None if each.shown_by is None else each.shown_by.name,
                text=each.text,
                votes=each.votes,
                state=each.state.value,
                replies=sum(reply.question_id == each.id for reply in replies),
                adopted=each.adopted_id is not None,
            )

        return cls(
            broadcast=broadcast.id,
            title=broadcast.title,
            live_at=broadcast.live_at or report.until,
            until=report.until,
            on_air=broadcast.ended_at is None,
            purged_at=broadcast.purged_at,
            viewers=ReportViewers(peak=viewers.peak, peak_at=viewers.peak_at, average=viewers.average),
            people=report.people,
            comments=ReportComments(posted=report.comments, removed=report.comments_removed, people=report.commenters),
            reactions=dict(report.reactions),
            questions=ReportQuestions(
                asked=len(standing),
                answered=sum(each.answered_at is not None for each in standing),
                replied=len(replies),
                adopted=sum(each.adopted_id is not None for each in standing),
                removed=len(asked.questions) - len(standing),
                items=[question(each) for each in standing],
            ),
            polls=[ReportPoll.of(poll, tally) for poll, tally in report.polls.polls],
            minutes=[ReportMinute.of(minute) for minute in report.minutes],
        )
