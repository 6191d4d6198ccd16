"""What the two are told of their talk; each entry says what of it has changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..core.clock import rfc3339
from .model import MOST_EXTENSIONS, Side, Talk

Names = Mapping[str, str]
"""By member."""

_SETTLED = {"id", "minutes", "begun_at", "secretary", "member"}  # once it has begun


def shown(talk: Talk, names: Names) -> dict[str, Any]:
    """Of the conversation's snapshot, the same for both: nothing that is one side's alone."""
    return {
        "id": talk.id,
        "state": talk.state.value,
        "minutes": talk.minutes,
        "begun_at": rfc3339(talk.begun_at),
        "opened_at": moment(talk.opened_at),
        "ends_at": moment(talk.ends_at),
        "ended_at": moment(talk.ended_at),
        "reason": None if talk.reason is None else talk.reason.value,
        "secretary": person(talk.secretary_id, names),
        "member": person(talk.member_id, names),
        "extension": extension(talk),
        "keep_nothing": sorted(talk.keeping),
        "summary": summary(talk),
        "erased": erased(talk),
    }


def changed(before: Talk, after: Talk) -> dict[str, Any]:
    """The fields of `shown` that differ."""
    was, now = shown(before, {}), shown(after, {})
    return {name: value for name, value in now.items() if was[name] != value}


def since_begun(talk: Talk) -> dict[str, Any]:
    """All that can have changed: for an entry that stands alone, because those before it are gone."""
    whole = shown(talk, {})
    return {name: value for name, value in whole.items() if name not in _SETTLED}


def own(talk: Talk, side: Side, names: Names) -> dict[str, Any]:
    """Of the member's own channel: a talk that is not over, as one of the two meets it."""
    return {
        "id": talk.id,
        "side": side.value,
        "with": person(talk.on(side.other), names),
        "minutes": talk.minutes,
        "begun_at": rfc3339(talk.begun_at),
    }


def extension(talk: Talk) -> dict[str, Any]:
    asked_by = None if talk.asked_by is None else talk.asked_by.value
    return {"used": talk.extensions, "most": MOST_EXTENSIONS, "asked_by": asked_by}


def summary(talk: Talk) -> dict[str, Any]:
    return {"state": talk.summary_state.value, "by": None if talk.summary_by is None else talk.summary_by.value}


def erased(talk: Talk) -> dict[str, Any] | None:
    if talk.erased_at is None or talk.erased_by is None:
        return None
    return {"at": rfc3339(talk.erased_at), "by": talk.erased_by.value}


def person(member_id: str, names: Names) -> dict[str, str]:
    return {"id": member_id, "name": names.get(member_id, "")}


def moment(at: datetime | None) -> str | None:
    return None if at is None else rfc3339(at)
