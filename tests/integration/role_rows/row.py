"""What each role is answered: the form of a row, and ways to say it short. `ROLES` are the columns, in its order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from server.broadcasts import State
from tests.support.roles import ROLES


@dataclass(frozen=True)
class Row:
    """`answers`: one status for every role, or one each. `path` fills the placeholders from the fresh things. `later`: what
    instead of `answers` in the states a scheduled broadcast comes to; where it is one status, it is for those whom `answers`
    let in."""

    answers: tuple[int, ...]
    json: Any = None
    data: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    path: str | None = None
    later: Mapping[State, int | tuple[int, ...]] = field(default_factory=dict)

    def answer(self, role: str, state: State) -> int:
        usual, later = _of(self.answers, role), self.later.get(state)
        if later is None or (isinstance(later, int) and usual in (401, 403)):
            return usual
        return later if isinstance(later, int) else _of(later, role)


Rows: TypeAlias = dict[tuple[str, str], Row]
"""By method and path as declared."""


def _of(answers: tuple[int, ...], role: str) -> int:
    return answers[0] if len(answers) == 1 else answers[ROLES.index(role)]


def everyone(status: int) -> tuple[int, ...]:
    return (status,)


def signed_in(status: int) -> tuple[int, ...]:
    return tuple(401 if role == "visitor" else status for role in ROLES)


def only(status: int, *allowed: str, refused: int = 403) -> tuple[int, ...]:
    """Those named get `status`; other members `refused`; a visitor 401."""
    return tuple(401 if role == "visitor" else status if role in allowed else refused for role in ROLES)


def on_air(status: int) -> dict[State, int]:
    return dict.fromkeys((State.LIVE, State.INTERRUPTED), status)


def over(status: int) -> dict[State, int]:
    return dict.fromkeys((State.ENDED, State.CUT_OFF, State.CANCELLED), status)
