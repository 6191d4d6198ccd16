"""Sessions on the wire. Rounds, draws, what is one's own, and the proof have files of their own."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from ..core.http.paging import PageQuery
from ..core.moments import Moment, When
from ..core.sockets import may_be_missing
from ..core.wire import Id, In
from ..identity import Member, Person
from . import model
from .model import Plan, ShakeState
from .service import Seen


class ShakeIn(In):
    """What is announced. `branches`: null for everybody. `rounds`: how many there may be, each open for `round_seconds`.
    `exclusion_days`: after a talk one is not drawn again for so long. `favour`: the weight of those who have never been drawn;
    1 for no weights."""

    title: Annotated[str, Field(max_length=400)]
    opens_at: When
    closes_at: When
    secretaries: Annotated[list[Id], Field(min_length=1, max_length=model.MOST_SECRETARIES)]
    branches: Annotated[list[Id], Field(min_length=1, max_length=model.MOST_BRANCHES)] | None = None
    rounds: Annotated[int, Field(ge=1, le=model.MOST_ROUNDS)] = 5
    round_seconds: Annotated[int, Field(ge=model.ROUND_SECONDS[0], le=model.ROUND_SECONDS[1])] = 30
    talk_minutes: Annotated[int, Field(ge=model.TALK_MINUTES[0], le=model.TALK_MINUTES[1])] = 15
    exclusion_days: Annotated[int, Field(ge=model.EXCLUSION_DAYS[0], le=model.EXCLUSION_DAYS[1])] = 90
    favour: Annotated[int, Field(ge=model.FAVOUR[0], le=model.FAVOUR[1])] = 1

    def plan(self) -> Plan:
        return Plan(
            title=self.title,
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            secretaries=tuple(self.secretaries),
            branches=None if self.branches is None else tuple(self.branches),
            rounds=self.rounds,
            round_seconds=self.round_seconds,
            talk_minutes=self.talk_minutes,
            exclusion_days=self.exclusion_days,
            favour=self.favour,
        )


class ShakePatch(In):
    """What is to be other than it is; null is a value of `branches`."""

    title: Annotated[str, Field(max_length=400)] = may_be_missing()
    opens_at: When = may_be_missing()
    closes_at: When = may_be_missing()
    secretaries: Annotated[list[Id], Field(min_length=1, max_length=model.MOST_SECRETARIES)] = may_be_missing()
    branches: Annotated[list[Id], Field(min_length=1, max_length=model.MOST_BRANCHES)] | None = None
    rounds: Annotated[int, Field(ge=1, le=model.MOST_ROUNDS)] = may_be_missing()
    round_seconds: Annotated[int, Field(ge=model.ROUND_SECONDS[0], le=model.ROUND_SECONDS[1])] = may_be_missing()
    talk_minutes: Annotated[int, Field(ge=model.TALK_MINUTES[0], le=model.TALK_MINUTES[1])] = may_be_missing()
    exclusion_days: Annotated[int, Field(ge=model.EXCLUSION_DAYS[0], le=model.EXCLUSION_DAYS[1])] = may_be_missing()
    favour: Annotated[int, Field(ge=model.FAVOUR[0], le=model.FAVOUR[1])] = may_be_missing()

    def changes(self) -> dict[str, Any]:
        """By the names of `Plan`."""
        given = {name: getattr(self, name) for name in self.model_fields_set}
        return {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}


class ShakesQuery(PageQuery):
    state: str = Field(default="", max_length=60, description="One or several states, separated by commas; all if absent.")


class NamedOut(BaseModel):
    id: str
    name: str


class ShakeOut(BaseModel):
    """A session. `may_shake`: the caller may take part; `talks`: the caller is one of its secretaries; `runs`: the caller may
    change, cancel and close it. `server_time`: the server's clock at this answer."""

    id: str
    title: str
    state: ShakeState
    opens_at: Moment
    closes_at: Moment
    closed_at: Moment | None
    owner: NamedOut
    secretaries: list[NamedOut]
    branches: list[NamedOut] | None = Field(description="Null for everybody.")
    rounds: int = Field(description="How many there may be.")
    round_seconds: int
    talk_minutes: int
    exclusion_days: int
    favour: int
    seed_commitment: str = Field(description="SHA-256 of the seed, in hexadecimal digits.")
    receipt_key: str = Field(description="Uncompressed point of P-256, in hexadecimal digits.")
    may_shake: bool
    talks: bool
    runs: bool
    server_time: Moment

    @classmethod
    def of(cls, seen: Seen, member: Member, now: datetime) -> Self:
        shake, plan = seen.shake, seen.shake.plan
        return cls(
            id=shake.id,
            title=plan.title,
            state=shake.state,
            opens_at=plan.opens_at,
            closes_at=plan.closes_at,
            closed_at=shake.closed_at,
            owner=_named(shake.owner_id, seen.names),
            secretaries=[_named(each, seen.names) for each in plan.secretaries],
            branches=None if plan.branches is None else [_named(each, seen.branches) for each in plan.branches],
            rounds=plan.rounds,
            round_seconds=plan.round_seconds,
            talk_minutes=plan.talk_minutes,
            exclusion_days=plan.exclusion_days,
            favour=plan.favour,
            seed_commitment=shake.seed_commitment,
            receipt_key=shake.receipt_key,
            may_shake=model.may_take_part(shake, member),
            talks=model.talks_in(shake, member),
            runs=model.runs(shake, member),
            server_time=now,
        )


class SecretaryChoiceOut(BaseModel):
    id: str
    name: str
    branch: str | None


class ShakeChoicesOut(BaseModel):
    """What a form may offer. `everybody`: whether the caller may invite all branches."""

    secretaries: list[SecretaryChoiceOut]
    branches: list[NamedOut]
    everybody: bool

    @classmethod
    def of(cls, people: list[Person], branches: dict[str, str], *, everybody: bool) -> Self:
        return cls(
            secretaries=[SecretaryChoiceOut(id=each.id, name=each.name, branch=each.branch_name) for each in people],
            branches=[NamedOut(id=each, name=name) for each, name in sorted(branches.items(), key=lambda item: item[1])],
            everybody=everybody,
        )


def _named(id_: str, names: dict[str, str]) -> NamedOut:
    return NamedOut(id=id_, name=names.get(id_, ""))
