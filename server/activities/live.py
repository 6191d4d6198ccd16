"""What members are told of activities, in their own channel. No state of a snapshot: pages ask for it."""

from typing import Any

from ..core.clock import rfc3339
from ..core.journal import Draft
from ..identity import member_channel
from .model import Activity, Claim, Part

SEATED = "activity.seated"
CANCELLED = "activity.cancelled"
CLAIM_DECIDED = "activity.claim_decided"


def seated(activity: Activity, part: Part) -> Draft:
    """Somebody gave a seat back, and this member was next."""
    return Draft(member_channel(part.member_id), SEATED, _named(activity))


def cancelled(activity: Activity, part: Part) -> Draft:
    return Draft(member_channel(part.member_id), CANCELLED, _named(activity))


def claim_decided(activity: Activity, claim: Claim) -> Draft:
    more = {"state": claim.state.value, "reason": claim.reason}
    return Draft(member_channel(claim.member_id), CLAIM_DECIDED, _named(activity) | more)


def _named(activity: Activity) -> dict[str, Any]:
    plan = activity.plan
    return {"activity": activity.id, "title": plan.title, "starts_at": rfc3339(plan.starts_at), "place": plan.place}
