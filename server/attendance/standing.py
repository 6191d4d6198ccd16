"""How somebody stands after an answer, in the live room and in a replay alike."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Standing:
    """What an answer came to: how many roll-calls of the broadcast its member had answered with it, and how many prove that
    somebody was present."""

    answered: int
    needed: int
