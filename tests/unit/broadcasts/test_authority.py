"""When a genuine token is good, and when not."""

from datetime import timedelta

import pytest
from yarl import URL

from server.broadcasts import Broadcast, Links
from server.core.errors import AppError
from server.identity import Member, Role
from tests.unit.broadcasts.conftest import Stage

LINKS = Links(URL("https://h.example"))


async def _token(stage: Stage, broadcast: Broadcast, member: Member | None = None) -> str:
    whip = (await stage.service.views.one(broadcast, member or stage.host, LINKS)).whip
    assert whip is not None
    assert whip.url == f"https://h.example/whip/{broadcast.id}"
    return whip.token


async def _refusal(stage: Stage, broadcast_id: str, token: str) -> tuple[int, str]:
    with pytest.raises(AppError) as refusal:
        await stage.service.authority.publisher(broadcast_id, token)
    return refusal.value.status, refusal.value.code


async def test_host_and_co_host_have_tokens_of_their_own(stage: Stage) -> None:
    helper, stranger = await stage.person(Role.RED_HOST), await stage.person(Role.RED_HOST)
    made = await stage.schedule(co_hosts=[helper.id])
    tokens = {member.id: await _token(stage, made, member) for member in (stage.host, helper)}
    for member_id, token in tokens.items():
        grant = await stage.service.authority.publisher(made.id, token)
        assert (grant.publisher_id, grant.on_air) == (member_id, False)
    assert len(set(tokens.values())) == 2
    assert (await stage.service.views.one(made, stranger, LINKS)).whip is None
    assert await _token(stage, made) == tokens[stage.host.id], "it is shown again as it was"


async def test_a_wrong_token_looks_the_same_for_a_stream_that_does_not_exist(stage: Stage) -> None:
    made, other = await stage.schedule(), await stage.schedule()
    token = await _token(stage, made)
    for stream, text in ((made.id, "nonsense"), (other.id, token), ("x" * 36, token), ("..", token), (stage.host.id, token)):
        assert await _refusal(stage, stream, text) == (401, "token_refused")


async def test_renewing_makes_the_old_token_void_and_sends_its_user_away(stage: Stage) -> None:
    helper = await stage.person(Role.RED_HOST)
    made = await stage.schedule(co_hosts=[helper.id])
    old, helpers = await _token(stage, made), await _token(stage, made, helper)
    await stage.rehearse(made)
    renewed = await stage.service.renew_token(stage.host, made.id)
    assert stage.media.sent_away == [made.id]
    assert await _refusal(stage, made.id, old) == (401, "token_refused")
    assert (await stage.service.authority.publisher(made.id, await _token(stage, renewed))).publisher_id == stage.host.id
    assert (await stage.service.authority.publisher(made.id, helpers)).publisher_id == helper.id


async def test_a_token_expires_except_for_who_is_on_air_with_it(stage: Stage) -> None:
    helper = await stage.person(Role.RED_HOST)
    made = await stage.schedule(co_hosts=[helper.id])
    mine, helpers = await _token(stage, made), await _token(stage, made, helper)
    stage.clock.advance(timedelta(hours=12, minutes=59).total_seconds())
    assert (await stage.service.authority.publisher(made.id, mine)).publisher_id == stage.host.id
    await stage.rehearse(made)
    live = await stage.service.go_live(stage.host, made.id)
    stage.clock.advance(120)
    assert (await stage.service.authority.publisher(made.id, mine)).on_air, "those who run late are never cut off"
    await stage.lose(live)
    assert (await stage.service.authority.publisher(made.id, mine)).on_air
    assert await _refusal(stage, made.id, helpers) == (401, "token_expired")
    assert (await stage.service.authority.publisher(made.id, await _token(stage, live, helper))).on_air, "shown anew it is good"
    ended = await stage.service.end(stage.host, made.id)
    assert await _refusal(stage, ended.id, mine) == (409, "broadcast_over")


async def test_an_expired_token_does_not_begin_a_rehearsal(stage: Stage) -> None:
    made = await stage.schedule()
    token = await _token(stage, made)
    await stage.rehearse(made)
    stage.clock.advance(timedelta(hours=14).total_seconds())
    assert await _refusal(stage, made.id, token) == (401, "token_expired")


@pytest.mark.parametrize("end", ["end", "cut_off", "cancel"])
async def test_what_is_over_cannot_be_sent_to(stage: Stage, end: str) -> None:
    made = await stage.schedule() if end == "cancel" else await stage.live()
    token = await _token(stage, made)
    if end == "cut_off":
        await stage.service.cut_off(await stage.person(Role.MODERATOR), made.id, "与主题无关")
    else:
        await getattr(stage.service, end)(stage.host, made.id)
    assert await _refusal(stage, made.id, token) == (409, "broadcast_over")
    assert await _refusal(stage, made.id, token[:-1] + "x") == (401, "token_refused")


async def test_a_disabled_host_and_one_without_the_role_are_refused(stage: Stage) -> None:
    administrator = await stage.person(Role.ADMINISTRATOR)
    made = await stage.schedule()
    token = await _token(stage, made)
    await stage.identity.directory.set_roles(administrator, stage.host.id, frozenset({Role.ORGANISER}))
    assert await _refusal(stage, made.id, token) == (401, "token_refused")
    await stage.identity.directory.set_roles(administrator, stage.host.id, frozenset({Role.RED_HOST}))
    assert (await stage.service.authority.publisher(made.id, token)).publisher_id == stage.host.id
    await stage.identity.directory.change(administrator, stage.host.id, {"disabled": True})
    assert await _refusal(stage, made.id, token) == (401, "token_refused")


async def test_a_co_host_named_again_needs_a_new_token(stage: Stage) -> None:
    helper = await stage.person(Role.RED_HOST)
    made = await stage.schedule(co_hosts=[helper.id])
    old = await _token(stage, made, helper)
    await stage.service.edit(stage.host, made.id, {"co_hosts": []})
    assert await _refusal(stage, made.id, old) == (401, "token_refused")
    again = await stage.service.edit(stage.host, made.id, {"co_hosts": [helper.id]})
    assert await _refusal(stage, made.id, old) == (401, "token_refused")
    assert (await stage.service.authority.publisher(made.id, await _token(stage, again, helper))).publisher_id == helper.id
