"""Every route × every role (ASVS 8.2.1). A route without a row fails; a row without a route fails too. The rows stand in
`role_rows/`, a file for each feature. For the events of the sockets see `test_event_matrix.py`.

Each row meets fresh things (a broadcast of its own, a member of its own), and again after every request that was not refused,
so that they do not disturb one another. A row
says what each role is answered; the order of the columns is `ROLES`. Bodies are good, so that the right answers, not the form.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from server.app import ENDPOINTS, document
from server.broadcasts import BROADCASTS, State, Visibility
from server.core.ids import new_id
from server.identity import IDENTITY
from tests.integration.role_rows import (
    activities,
    appraisals,
    broadcasts,
    identity,
    media,
    moderation,
    operators,
    points,
    publications,
    rooms,
    shakes,
    talks,
    tasks,
    webhooks,
)
from tests.integration.role_rows.activities import ACTIVITY
from tests.integration.role_rows.people import COMMITTEE
from tests.integration.role_rows.row import Rows
from tests.support.roles import ROLES, House, running_house

_FEATURES = (
    operators, identity, points, publications, appraisals, webhooks, broadcasts, rooms, moderation, activities, tasks,
    talks, shakes, media,
)  # fmt: skip
MATRIX: Rows = {key: row for feature in _FEATURES for key, row in feature.ROWS.items()} | identity.LAST
# Those whom a row about a broadcast can treat each in their own way; all others are members like any.
KINDS_OF_ROLES = (
    "visitor",
    "employee",
    "full",
    "host",
    "co_host",
    "red_host",
    "moderator",
    "committee_secretary",
    "affairs_staff",
)

# Served beside the declared routes, to everybody: pages and their files hold nothing of anybody; sockets decide event by event.
UNDECLARED = {
    ("*", "/socket.io/"),
    ("GET", "/assets"),
    ("HEAD", "/assets"),
    ("GET", "/{path}"),
    ("HEAD", "/{path}"),
}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path) as house:
        yield house


async def test_every_route_has_a_row_and_every_role_gets_what_its_row_says(house: House) -> None:
    assert len(MATRIX) == sum(len(feature.ROWS) for feature in _FEATURES) + len(identity.LAST), "a row twice"
    declared = {(endpoint.method, endpoint.path) for endpoint in house.app[ENDPOINTS]}
    assert declared == set(MATRIX), "a route without a row, or a row without a route"
    served = {(route.method, route.resource.canonical) for route in house.app.router.routes() if route.resource is not None}
    assert served - declared == UNDECLARED, "served without being declared"
    wrong = [problem for key in MATRIX for problem in await _asked(house, key, State.SCHEDULED)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("state", [each for each in State if each is not State.SCHEDULED])
async def test_every_kind_of_role_gets_what_the_rows_say_however_far_a_broadcast_has_come(house: House, state: State) -> None:
    about_one = [key for key in MATRIX if "{broadcast}" in key[1] or key[1].startswith("/hls/")]
    wrong = [problem for key in about_one for problem in await _asked(house, key, state, KINDS_OF_ROLES)]
    assert not wrong, "\n".join(wrong)


async def _asked(house: House, key: tuple[str, str], state: State, roles: Sequence[str] = ROLES) -> list[str]:
    """What some role is not answered as its row says."""
    (method, pattern), row, wrong = key, MATRIX[key], []
    path = ""
    await house.stranger()  # who is muted
    for role in roles:
        path = path or await house.fresh(row.path or pattern, state)
        url = house.base + path
        async with house.sessions[role].request(
            method, url, json=house.body(row.json), data=row.data, headers=row.headers
        ) as answer:
            if answer.status != row.answer(role, state):
                expected = row.answer(role, state)
                wrong.append(f"{role}: {method} {pattern}: {answer.status}, not {expected}: {await answer.text()}")
            if answer.ok and method != "GET":
                path = ""
    return wrong


async def test_nobody_without_a_role_in_another_branch_sees_an_activity(house: House) -> None:
    other = await house.app[IDENTITY].directory.add_branch(house.members["administrator"], name="西北党支部", city="西安")
    path = await house.fresh(ACTIVITY, branch=other.id)
    for role in ROLES:
        async with house.sessions[role].get(house.base + path) as answer:
            assert answer.status == (401 if role == "visitor" else 200 if role in COMMITTEE else 404), role


async def test_what_a_member_may_not_see_looks_like_what_does_not_exist(house: House) -> None:
    for_members = replace(house.plan, visibility=Visibility.MEMBERS)
    broadcast = await house.app[BROADCASTS].schedule(house.members["host"], for_members)
    session = house.sessions["employee"]
    answers = []
    for one in (broadcast.id, new_id()):
        async with session.get(f"{house.base}/api/v1/broadcasts/{one}") as answer:
            body = await answer.json(content_type=None)
            answers.append((answer.status, body | {"request_id": ""}))
    assert answers[0] == answers[1]
    assert answers[0][0] == 404


def test_the_openapi_document_of_the_whole_api_is_valid() -> None:
    """By the OpenAPI 3.1 schema itself. That is read through once; as it comes, the validator does so for every reference."""
    from jsonschema.validators import SPECIFICATIONS, Draft202012Validator
    from openapi_spec_validator import OpenAPIV31SpecValidator, validate
    from openapi_spec_validator.schemas import schema_v31
    from openapi_spec_validator.validation.exceptions import OpenAPIValidationError
    from referencing.jsonschema import DRAFT202012

    rules = dict(schema_v31)
    known = SPECIFICATIONS.with_resource(rules["$id"], DRAFT202012.create_resource(rules)).crawl()

    class Quick(OpenAPIV31SpecValidator):
        schema_validator = Draft202012Validator(rules, _resolver=known.resolver(base_uri=rules["$id"]))

    described = document()
    validate(described, cls=Quick)
    described["info"].pop("title")
    with pytest.raises(OpenAPIValidationError, match="'title' is a required property"):  # or this test could not fail
        validate(described, cls=Quick)
