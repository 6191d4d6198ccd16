"""Who is not compared (不参评) in a year: rules without I/O.

Long illness, a posting abroad, a transfer in the middle of the year: somebody proposes it with a reason, and a second person of
the same or a higher standing confirms, as with points that people have to confirm. Points go on being recorded; the year has no
grade, and a publication says 不参评 where the sum would stand. It is lifted in the same way.
"""

from dataclasses import dataclass
from datetime import datetime

from ..core.errors import Conflict, Forbidden, Invalid
from ..identity import Member
from .proposing_model import ProposalState, Standing, standing


@dataclass(frozen=True, slots=True)
class Exempting:
    """A proposal to exempt somebody in a year, or to `lift` that."""

    id: str
    member_id: str
    branch_id: str
    year: int
    lift: bool
    reason: str
    standing: Standing
    by: str
    made_at: datetime
    state: ProposalState = ProposalState.OPEN
    reviewer: str | None = None
    reviewed_at: datetime | None = None
    words: str = ""


def check_year(year: int, this_year: int) -> None:
    """Raise Invalid `year_unfit`."""
    if not this_year - 1 <= year <= this_year + 1:
        raise Invalid("year_unfit", "只能提出去年、今年或明年的不参评")


def check_may_exempt(member: Member, member_id: str, branch_id: str) -> Standing:
    """Gives the standing it is proposed with. Raise Forbidden `role_needed`, Conflict `own_points`."""
    if member.id == member_id:
        raise Conflict("own_points", "不能为自己提出，请由他人提出")
    if (found := standing(member, branch_id)) is Standing.NONE:
        raise Forbidden("role_needed", "只能为本支部的党员提出")
    return found
