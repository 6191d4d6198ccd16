"""What one person does to their talks is limited by itself: they are told to wait, and the other is not hurt by it."""

from collections.abc import Awaitable, Callable
from typing import Any

from server.conversations.model import FILES_AT_ONCE
from server.talks.model import ACTS_AT_ONCE
from tests.integration.broadcasts.site import Site
from tests.integration.talks.test_afterwards import over
from tests.integration.talks.test_talk import two_pages
from tests.support.talking import agree_on_keys


async def told_to_wait(act: Callable[[], Awaitable[Any]], most: int) -> int:
    """How often it was done before somebody was told to wait."""
    for number in range(most):
        answer = await act()
        if answer.status == 429:
            assert answer.code == "too_fast"
            assert answer.body["detail"].endswith(("请稍等一下", "请稍候再试")), answer.body
            assert answer.body["retry_after"] == int(answer.headers["Retry-After"]) >= 1
            return number
    raise AssertionError("nobody was told to wait")


async def test_who_writes_a_note_on_and_on_is_told_to_wait_and_the_other_is_not(site: Site) -> None:
    async with over(site) as (secretary, member):
        done = await told_to_wait(lambda: secretary.act("note", {"text": "十月回访"}, "PUT"), 20 * ACTS_AT_ONCE)
        assert done >= ACTS_AT_ONCE - 1, "one was the end of the talk"
        assert (await secretary.act("summary", {"text": "草稿"})).code == "too_fast", "whatever it is"
        assert (await member.act("rating", {"stars": 5}, "PUT")).status == 200
        assert (await secretary.look())["note"]["text"] == "十月回访", "and looking is free"


async def test_who_hands_in_files_on_and_on_is_told_to_wait_before_they_are_read(site: Site) -> None:
    async with two_pages(site) as (secretary, member):
        await agree_on_keys(secretary, member)
        done = await told_to_wait(lambda: secretary.hand_in(b"x" * 32), 20 * FILES_AT_ONCE)
        assert done >= FILES_AT_ONCE
        handed_in = await member.hand_in(b"x" * 32, "voice")
        assert handed_in.status == 201, handed_in.raw.decode()
