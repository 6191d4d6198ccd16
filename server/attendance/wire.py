"""Attendance on the wire."""

from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, Field

from ..core.moments import Moment
from ..core.sockets import left_out, may_be_missing
from ..core.wire import Id, In
from .model import LONGEST, MOST_DAYS, MOST_DRAWN, SHORTEST, Proof, ReplayCheck, Rules, Topic
from .quiz_model import Quiz
from .quizzes import OwnQuiz
from .replay_model import Prompt
from .replays import OwnReplay
from .roster import Line, Roster
from .service import Own
from .sheets import by_branch
from .standing import Standing
from .watching import Heard

Seconds = Annotated[int, Field(ge=SHORTEST, le=LONGEST, description="How long each roll-call is open.")]
Number = Annotated[int, Field(ge=0, le=MOST_DRAWN, description="Roll-calls at random moments; 0 for none.")]
Needed = Annotated[int, Field(ge=1, le=MOST_DRAWN, description="Answers that prove somebody was present.")]


class RollCallOpenIn(In):
    """`seconds`: how long it is open; as the broadcast's rules say if absent."""

    broadcast: Id
    client_id: Id
    seconds: Annotated[int, Field(ge=SHORTEST, le=LONGEST)] | None = may_be_missing()


class RollCallOpenAck(BaseModel):
    """`offset` is that of its entry."""

    roll_call: str
    offset: int


class RollCallCloseIn(In):
    roll_call: Id
    client_id: Id


class RollCallAnswerIn(In):
    """`client_id`: a UUID of the client's; the same one again gives the same answer and changes nothing."""

    roll_call: Id
    client_id: Id


class RollCallAnswerAck(BaseModel):
    """How many of the broadcast's roll-calls the caller had answered with this one, and how many prove presence."""

    answered: int
    needed: int

    @classmethod
    def of(cls, standing: Standing) -> Self:
        return cls(answered=standing.answered, needed=standing.needed)


class WatchIn(In):
    """`media_at`: the programme time of the picture; `playing` and `visible`: whether it moves, and is seen."""

    broadcast: Id
    media_at: AwareDatetime
    playing: bool
    visible: bool


class ReplayAnswerIn(In):
    """`client_id`: a UUID of the client's; the same one again gives the same answer and changes nothing."""

    prompt: Id
    client_id: Id


class ReplayPromptOut(BaseModel):
    """A roll-call of the caller's own replay, open now."""

    id: str
    closes_at: Moment

    @classmethod
    def of(cls, prompt: Prompt | None) -> Self | None:
        return None if prompt is None or prompt.closes_at is None else cls(id=prompt.id, closes_at=prompt.closes_at)


class WatchAck(BaseModel):
    """What the caller has watched of this broadcast, on all devices; `prompt`: what they are asked now in its replay."""

    watched_ms: int
    prompt: ReplayPromptOut | None = left_out()

    @classmethod
    def of(cls, heard: Heard) -> Self:
        return cls(watched_ms=heard.ms, prompt=ReplayPromptOut.of(heard.prompt))


class RollCallRules(In):
    """What a host says of a broadcast's roll-calls. `topic`: what it is about, where that decides what it counts for.
    `replay`: what makes its replay count, changeable at any time; up to `replay_days` after the end."""

    number: Number = 3
    seconds: Seconds = 90
    needed: Needed = 2
    topic: Topic | None = None
    replay: ReplayCheck = ReplayCheck.NONE
    replay_days: Annotated[int, Field(ge=1, le=MOST_DAYS)] = 30

    def rules(self) -> Rules:
        return Rules(self.number, self.seconds, self.needed, self.topic, self.replay, self.replay_days)

    @classmethod
    def of(cls, rules: Rules) -> Self:
        return cls(
            number=rules.number,
            seconds=rules.seconds,
            needed=rules.needed,
            topic=rules.topic,
            replay=rules.replay,
            replay_days=rules.replay_days,
        )


class RollCallOut(BaseModel):
    id: str
    number: int
    media_at: Moment
    closes_at: Moment
    closed_at: Moment | None
    answered: bool = Field(description="By the caller.")


class RollCallRulesOut(RollCallRules):
    """`checks`: what the host may choose for `replay`."""

    checks: list[ReplayCheck]

    @classmethod
    def offering(cls, rules: Rules, checks: list[ReplayCheck]) -> Self:
        return cls(**dict(RollCallRules.of(rules)), checks=checks)


class QuizQuestionOut(BaseModel):
    """`options` in their order; an answer is the place of one, from 0."""

    stem: str
    options: list[str]


class QuizResultOut(BaseModel):
    """`right` of `number`; `again_at`: from when on a failed one may be followed by another."""

    right: int
    number: int
    passed: bool
    again_at: Moment | None

    @classmethod
    def of(cls, quiz: Quiz) -> Self:
        return cls(right=quiz.right, number=len(quiz.questions), passed=quiz.passed, again_at=quiz.again_at)


class QuizOut(BaseModel):
    """A short quiz that waits for its answers. Which are right is told to nobody."""

    id: str
    questions: list[QuizQuestionOut]

    @classmethod
    def of(cls, quiz: Quiz) -> Self:
        questions = [QuizQuestionOut(stem=each.stem, options=list(each.options.values())) for each in quiz.questions]
        return cls(id=quiz.id, questions=questions)


class QuizAnswersIn(In):
    """The place of the chosen option, from 0, for each question."""

    answers: Annotated[list[Annotated[int, Field(ge=0, le=5)]], Field(max_length=10)]


class OwnQuizOut(BaseModel):
    """`needed_ms`: what must be watched before there is a quiz; `open`: one waits for answers; `last`: how the last went."""

    needed_ms: int
    open: bool
    last: QuizResultOut | None

    @classmethod
    def of(cls, own: OwnQuiz) -> Self:
        last = own.last
        answered = last is not None and last.answers is not None
        return cls(
            needed_ms=own.needed_ms,
            open=last is not None and not answered,
            last=QuizResultOut.of(last) if last is not None and answered else None,
        )


class OwnReplayOut(BaseModel):
    """What makes the replay count for the caller. `open`: it counts now, up to `until`, which is null before the end."""

    check: ReplayCheck
    days: int
    until: Moment | None
    open: bool
    number: int = Field(description="Roll-calls that come while it is watched.")
    needed: int
    answered: int
    missed: int = Field(description="Those that ran out; each comes again where its part is watched again.")
    prompt: ReplayPromptOut | None
    quiz: OwnQuizOut | None = Field(description="Where a short quiz makes it count.")

    @classmethod
    def of(cls, own: OwnReplay, quiz: OwnQuiz | None) -> Self:
        return cls(
            check=own.check,
            days=own.days,
            until=own.until,
            open=own.open,
            number=own.number,
            needed=own.needed,
            answered=own.answered,
            missed=own.missed,
            prompt=ReplayPromptOut.of(own.prompt),
            quiz=None if quiz is None else OwnQuizOut.of(quiz),
        )


class OwnAttendanceOut(BaseModel):
    """A broadcast's roll-calls as the caller meets them. When those to come are is nobody's to know."""

    drawn: int = Field(description="Roll-calls the broadcast is to have; more may be opened by hand.")
    needed: int = Field(description="Answers that prove presence; fewer once it has ended with fewer roll-calls.")
    topic: Topic | None
    roll_calls: list[RollCallOut]
    answered: int
    confirmed_at: Moment | None = Field(description="Since when the caller counts as present.")
    way: Proof | None = Field(description="Where they proved it.")
    replay: OwnReplayOut | None = Field(description="None where watching the replay does not count.")
    watched_ms: int = Field(description="What the caller has watched of it; nobody else is shown that.")

    @classmethod
    def of(cls, own: Own, replay: OwnReplayOut | None, watched_ms: int) -> Self:
        rules = own.plan.rules
        return cls(
            drawn=rules.number,
            needed=own.plan.needed,
            topic=rules.topic,
            roll_calls=[
                RollCallOut(
                    id=each.id,
                    number=each.number,
                    media_at=each.media_at,
                    closes_at=each.closes_at,
                    closed_at=each.closed_at,
                    answered=each.number in own.answered,
                )
                for each in own.roll_calls
            ],
            answered=len(own.answered),
            confirmed_at=own.confirmed_at,
            way=own.way,
            replay=replay,
            watched_ms=watched_ms,
        )


class ExpectedOut(BaseModel):
    """A member on a roster. `answered`: roll-calls answered; `confirmed_at`: since when present. `joined_at`: first seen
    in the room; `left_at`: last seen there, null while they are there."""

    id: str
    name: str
    branch: str | None
    answered: int
    confirmed_at: Moment | None
    way: Proof | None
    joined_at: Moment | None
    left_at: Moment | None

    @classmethod
    def of(cls, line: Line) -> Self:
        return cls(
            id=line.person.id,
            name=line.person.name,
            branch=line.person.branch_name,
            answered=line.answered,
            confirmed_at=line.confirmed_at,
            way=line.way,
            joined_at=line.joined_at,
            left_at=line.left_at,
        )


class BranchAttendanceOut(BaseModel):
    name: str | None
    expected: int
    present: int


class AttendanceRosterOut(BaseModel):
    """`opened`: roll-calls so far. `listed`: expected are those on the list of the activity it belongs to, and not all party
    members. `here`: how many of them are in the room now. `others`: party members who came and were not expected; they count in
    none of the figures. Whoever sees one branch alone gets that one."""

    title: str
    opened: int
    needed: int
    on_air: bool
    listed: bool
    expected: int
    present: int
    here: int
    branches: list[BranchAttendanceOut]
    people: list[ExpectedOut]
    others: list[ExpectedOut]

    @classmethod
    def of(cls, roster: Roster) -> Self:
        return cls(
            title=roster.broadcast.title,
            opened=roster.opened,
            needed=roster.plan.needed,
            on_air=roster.on_air,
            listed=roster.listed,
            here=sum(line.joined_at is not None and line.left_at is None for line in roster.lines),
            expected=len(roster.lines),
            present=sum(line.confirmed_at is not None for line in roster.lines),
            branches=[
                BranchAttendanceOut(
                    name=name or None,
                    expected=len(lines),
                    present=sum(line.confirmed_at is not None for line in lines),
                )
                for name, lines in by_branch(roster).items()
            ],
            people=[ExpectedOut.of(line) for line in roster.lines],
            others=[ExpectedOut.of(line) for line in roster.others],
        )
