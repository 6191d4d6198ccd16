"""Nobody but the two learns anything of a talk, by whichever way: every route and every event with its true ids is answered as
what does not exist. (The matrices ask each route and event once for every role; here are the answers themselves.)"""

from typing import Any

import pytest

from server.app import ENDPOINTS
from server.core.ids import new_id
from server.identity import Role
from tests.integration.broadcasts.site import Person, Site
from tests.integration.role_rows.talks import ROWS
from tests.integration.talks.test_talk import two_pages
from tests.support.declared import ASKED
from tests.support.room import visiting
from tests.support.talking import agree_on_keys, random_body, said

OTHERS = (
    Role.ADMINISTRATOR,
    Role.COMMITTEE_SECRETARY,
    Role.DISCIPLINE_SECRETARY,
    Role.BRANCH_SECRETARY,
    Role.MODERATOR,
    Role.AFFAIRS_STAFF,
)


def without_id(body: Any) -> Any:
    return {name: value for name, value in body.items() if name not in ("request_id", "instance")}


async def answers(person: Person, talk: str, blob: str) -> list[tuple[str, int, Any]]:
    found = []
    for (method, pattern), row in ROWS.items():
        if "{" not in pattern:
            continue
        path = (row.path or pattern).replace("{talk}", talk).replace("{conversation}", talk).replace("{blob}", blob)
        answer = await person.send(method, path, row.json if row.data is None else row.data)
        found.append((f"{method} {pattern}", answer.status, without_id(answer.body)))
    return found


async def test_true_ids_of_others_are_answered_like_ids_of_nothing(site: Site) -> None:
    """The administrator's and every secretary's answers are the same to the letter."""
    routes = {(each.method, each.path) for each in site.server.app[ENDPOINTS] if each.tag in ("talks", "conversations")}
    assert routes == set(ROWS), "every route of a talk is asked"
    async with two_pages(site) as (secretary, member):
        await agree_on_keys(secretary, member)
        blob = (await secretary.hand_in(b"sealed")).body["id"]
        sent = await secretary.send(kind="picture", blob=blob)
        assert sent["ok"]
        other = await site.person(*OTHERS, name="好奇的人")
        for truly, made_up in zip(
            await answers(other, member.talk, blob), await answers(other, new_id(), new_id()), strict=True
        ):
            assert truly == made_up
            assert truly[1] == 404
        csrf = (await other.get("/api/v1/me")).body["csrf"]
        cookies = "; ".join(f"{each.key}={each.value}" for each in other.http.cookie_jar)
        async with visiting(site.base, cookies, csrf, "websocket") as visit:
            for talk, message in ((member.talk, sent["id"]), (new_id(), new_id())):
                for name, payload in payloads(talk, message).items():
                    answer = await visit.call(name, payload)
                    assert answer["error"]["code"] in ("not_found", "talk_not_found", "message_not_found"), name
            assert visit.entries == []
            assert visit.signals == []
        listed = (await other.get("/api/v1/me/talks")).body["items"]
        assert listed == []
        pages = [await other.get(path) for path in ("/api/v1/audit", "/api/v1/members?limit=100", "/api/v1/desks")]
        assert all(member.talk not in page.raw.decode() for page in pages)


def payloads(talk: str, message: str) -> dict[str, Any]:
    """Of every event that is about a talk."""
    found = {
        "subscribe": {"channel": f"conversation:{talk}"},
        "message": {
            "conversation": talk, "body": random_body(), "key": 1, "kind": "text", "number": 1, "client_id": new_id(),
        },
        "message.recall": {"message": message, "client_id": new_id()},
        "message.read": {"conversation": talk, "offset": 1},
        "typing": {"conversation": talk},
        "talk.key": {
            "conversation": talk, "device": "0" * 16, "round": 2, "step": "hello", "data": said("hello"), "client_id": new_id(),
        },
    }  # fmt: skip
    assert {name for name in ASKED if name.startswith(("message", "typing", "talk."))} < set(found)
    return found


@pytest.mark.parametrize("kind", ["member", "conversation"])
async def test_channels_of_others_look_like_none(site: Site, kind: str) -> None:
    async with two_pages(site) as (secretary, member):
        other = await site.person(Role.ADMINISTRATOR)
        csrf = (await other.get("/api/v1/me")).body["csrf"]
        cookies = "; ".join(f"{each.key}={each.value}" for each in other.http.cookie_jar)
        key = member.talk if kind == "conversation" else secretary.person.id
        async with visiting(site.base, cookies, csrf, "websocket") as visit:
            for channel in (f"{kind}:{key}", f"{kind}:{new_id()}"):
                assert (await visit.call("subscribe", {"channel": channel}))["error"]["code"] == "not_found"


async def test_files_of_one_talk_are_not_found_through_another(site: Site) -> None:
    async with two_pages(site) as (one, two), two_pages(site) as (three, four):
        for pair in ((one, two), (three, four)):
            await agree_on_keys(*pair)
        blob = (await one.hand_in(b"sealed")).body["id"]
        sent = await one.send(kind="picture", blob=blob)
        assert sent["ok"]
        assert (await three.person.get(f"/api/v1/conversations/{three.talk}/blobs/{blob}")).status == 404
        assert (await three.send(kind="picture", blob=blob))["error"]["code"] == "attachment_not_found"
        assert (await three.send(kind="history", of=sent["id"]))["error"]["code"] == "message_not_found"
        assert (await three.recall(sent["id"]))["error"]["code"] == "message_not_found"
