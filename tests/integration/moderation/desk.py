"""What those who moderate do, as tests say it."""

from collections.abc import Sequence
from typing import Any

from server.identity import Role
from tests.integration.broadcasts.site import Answer, Person, Site
from tests.support.room import Visit


async def moderator(site: Site, name: str = "桑见远") -> Person:
    return await site.person(Role.MODERATOR, name=name)


async def listed(person: Person, action: str, words: Sequence[str], name: str = "词表") -> str:
    """A word list with these words; gives its id."""
    made = await person.post("/api/v1/word-lists", {"name": f"{name}{action}", "action": action})
    assert made.status == 201, made.raw.decode()
    list_id: str = made.body["id"]
    added = await person.send("PATCH", f"/api/v1/word-lists/{list_id}/words", {"add": list(words)})
    assert added.status == 200, added.raw.decode()
    return list_id


async def decide(person: Person, held: str, decision: str, reason: str = "") -> Answer:
    return await person.post(f"/api/v1/held/{held}/{decision}", {"reason": reason})


async def waiting(person: Person, broadcast: str, query: str = "") -> list[Any]:
    answer = await person.get(f"/api/v1/broadcasts/{broadcast}/held?{query}")
    assert answer.status == 200, answer.raw.decode()
    items: list[Any] = answer.body["items"]
    return items


async def sits_at(visit: Visit, broadcast: str) -> Any:
    """Listen to the room's desk."""
    return await visit.call("subscribe", {"channel": f"desk:{broadcast}"})


async def listens_to_own(visit: Visit, person: Person) -> Any:
    return await visit.call("subscribe", {"channel": f"member:{person.id}"})


def of_type(visit: Visit, *types: str) -> list[Any]:
    return [entry["data"] for entry in visit.entries if entry["type"] in types]
