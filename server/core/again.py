"""What comes a second time under one client id: who lost the answer sends it again, and gets what came of it the first time."""

from typing import TypeVar

from .errors import Conflict

Made = TypeVar("Made")


def made_before(before: tuple[Made, str | None] | None, asked: str, refusal: Conflict) -> Made:
    """For who was refused: it may have been done before. `before`: what was made under the client id, and the digest of what
    was asked for then; `asked`: of now. Raise Conflict `client_id_reused`, and `refusal` where nothing was."""
    if before is None:
        raise refusal
    made, digest = before
    if digest != asked:
        raise reused() from None
    return made


def reused() -> Conflict:
    return Conflict("client_id_reused", "这个 client_id 已用于另一次操作")
