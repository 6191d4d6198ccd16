"""What the tests of questions have in common."""

from typing import Any

from server.broadcasts import KIND, channel_of
from server.core.fanout import HUB
from server.core.ids import new_id
from tests.integration.broadcasts.site import Site
from tests.support.room import Visit


async def ask(visit: Visit, broadcast: str, text: str = "有回看吗？", **more: Any) -> Any:
    return await visit.call("question", {"broadcast": broadcast, "text": text, "client_id": new_id(), **more})


async def vote(visit: Visit, question: str, *, up: bool = True) -> Any:
    return await visit.call("question.vote", {"question": question, "up": up})


async def mark(visit: Visit, question: str, state: str, media_at: str | None = None) -> Any:
    return await visit.call("question.mark", {"question": question, "state": state, "media_at": media_at})


async def reply(visit: Visit, question: str, text: str = "有的", **more: Any) -> Any:
    return await visit.call("question.reply", {"question": question, "text": text, "client_id": new_id(), **more})


async def shown(site: Site, broadcast: str) -> list[dict[str, Any]]:
    """As a snapshot taken now has them; one of a moment ago may be shown for a while, with the entries since."""
    _, state = await site.server.app[HUB].snapshot(channel_of(broadcast), KIND, broadcast)
    questions: list[dict[str, Any]] = state["questions"]["all"]
    return questions


def of(visit: Visit, kind: str) -> list[dict[str, Any]]:
    """What was told of one type."""
    return [entry for entry in visit.entries if entry["type"] == kind]


def code(answer: Any) -> str:
    return "ok" if answer["ok"] else answer["error"]["code"]
