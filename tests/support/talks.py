"""Talks on a server that runs as a process of its own: begun as a draw would begin them, while it stands still."""

from dataclasses import replace

from playwright.async_api import Locator, Page, expect

from server.app import DATABASE, build
from server.core.ids import new_id
from server.settings import load_settings
from server.talks import TALKS
from tests.support.serving import Serving


async def member_id(serving: Serving, mobile: str) -> str:
    http = await serving.signed_in(mobile)
    async with http, http.get("/api/v1/me") as answer:
        found: str = (await answer.json())["member"]["id"]
    return found


async def begun_talk(serving: Serving, secretary: str, member: str, *, minutes: int = 15) -> str:
    """Between the two with these mobile numbers; gives its id."""
    people = [await member_id(serving, each) for each in (secretary, member)]
    assert await serving.stop() == 0
    app = build(replace(load_settings({}, data_dir=serving.folder), log_level="ERROR"))
    async with app[DATABASE].transaction() as session:
        talk = await app[TALKS].begin(
            session, secretary_id=people[0], member_id=people[1], minutes=minutes, source=f"test {new_id()}"
        )
    await app[DATABASE].close()
    await serving.start()
    return talk.id


async def code_on(page: Page) -> str:
    """The code that the page shows by itself once the keys are there."""
    shown = page.get_by_role("img", name="核对数字")
    await expect(shown).to_be_visible(timeout=20_000)
    return (await shown.inner_text()).replace("\n", " ")


async def compared(*pages: Page) -> str:
    """They compare the code, and it is the same."""
    codes = [await code_on(page) for page in pages]
    assert len(set(codes)) == 1, codes
    for page in pages:
        await page.get_by_role("button", name="数字一样").click()
        await expect(page.get_by_role("img", name="核对数字")).to_be_hidden()
    return codes[0]


async def says(page: Page, words: str) -> None:
    await page.get_by_label("写消息").fill(words)
    await page.get_by_role("button", name="发送", exact=True).click()


def heard(page: Page, words: str) -> Locator:
    """What stands in the list of what was said."""
    return page.get_by_label("聊天内容").get_by_text(words)
