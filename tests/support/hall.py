"""Who is in a hall during a broadcast: phones, the host's studio, the moderator's console. Each does what its person does."""

from dataclasses import dataclass

from playwright.async_api import Locator, Page, expect

from tests.support.hosting import agrees
from tests.support.watching import sign_in

SOON = 15_000  # ms
HOST, MODERATOR, ONE, OTHER = "10000000006", "10000000005", "10000000010", "10000000011"


@dataclass
class Place:
    """A page that shows what is said in the room."""

    page: Page
    url: str
    id: str

    def comment(self, text: str) -> Locator:
        return self.page.locator(".comment", has_text=text)

    def told(self, words: str) -> Locator:
        return self.page.get_by_text(words)

    def bar(self, option: str) -> Locator:
        return self.page.locator(".poll-bars li", has_text=option)

    async def open_tab(self, name: str) -> None:
        await self.page.get_by_role("tab", name=name).click()

    async def comes_in(self, mobile: str, path: str) -> None:
        await sign_in(self.page, self.url, mobile, then=path)


class Phone(Place):
    async def enters(self, mobile: str) -> None:
        await self.comes_in(mobile, f"/b/{self.id}")
        await expect(self.page.get_by_label("写评论")).to_be_visible(timeout=SOON)

    async def says(self, text: str) -> None:
        field = self.page.get_by_label("写评论")
        await field.fill(text)
        await field.press("Enter")

    def flying(self, text: str) -> Locator:
        """The comment over the picture."""
        return self.page.locator(".danmaku-layer").get_by_text(text)

    def question(self, text: str) -> Locator:
        return self.page.locator(".question", has_text=text)

    async def asks(self, text: str) -> None:
        """Without a name."""
        await self.open_tab("问答")
        await self.page.get_by_label("写提问").fill(text)
        await self.page.get_by_role("switch", name="匿名提问").click()
        await expect(self.told("其他观众看不到你的名字")).to_be_visible()
        await self.page.get_by_role("button", name="提问", exact=True).click()

    async def votes(self, option: str, verb: str = "投票") -> None:
        await self.page.locator(".poll-card fieldset").get_by_text(option, exact=True).click()
        await self.page.get_by_role("button", name=verb, exact=True).click()

    async def reports(self, text: str, why: str) -> None:
        await self.comment(text).click()
        await self.page.get_by_role("button", name="举报", exact=True).click()
        await self.page.get_by_text(why, exact=True).click()
        await self.page.get_by_role("button", name="举报", exact=True).last.click()
        await expect(self.told("谢谢，已收到您的举报")).to_be_visible(timeout=SOON)


class Studio(Place):
    async def opens(self) -> None:
        await self.comes_in(HOST, f"/studio/{self.id}")
        await expect(self.page.get_by_role("region", name="直播中")).to_be_visible(timeout=SOON)

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    @property
    def keeping(self) -> Locator:
        return self.page.get_by_role("region", name="直播间管理")

    async def marks(self, question: str, verb: str) -> None:
        marks = self.page.get_by_role("group", name=f"处理提问：{question}")
        await marks.get_by_role("button", name=verb).click()

    async def prepares_a_poll(self, question: str, *options: str) -> None:
        await self.press("发起投票")
        await self.page.get_by_role("textbox", name="问题").fill(question)
        for _ in options[2:]:
            await self.press("加一个选项")
        for number, option in enumerate(options, 1):
            await self.page.get_by_role("textbox", name=f"选项 {number}").fill(option)
        await self.press("先存着，稍后发起")
        await expect(self.told(" / ".join(options))).to_be_visible()

    async def closes_the_poll(self) -> None:
        await self.press("结束投票")
        await agrees(self.page, "结束投票")


class Console(Place):
    async def opens(self) -> None:
        await self.comes_in(MODERATOR, f"/moderation/{self.id}")
        await expect(self.told("没有等待审核的内容")).to_be_visible(timeout=SOON)

    def held(self, text: str) -> Locator:
        return self.page.locator(".held-item", has_text=text)

    async def keys(self, keys: str) -> None:
        for key in keys:
            await self.page.keyboard.press(key)

    @property
    def people(self) -> Locator:
        return self.page.get_by_label("人员").last

    async def mutes(self, name: str, reason: str) -> None:
        await self.people.get_by_role("button", name="禁言", exact=True).click()
        sheet = self.page.get_by_role("dialog", name=f"禁言 {name}")
        await sheet.get_by_label("原因").fill(reason)
        await sheet.get_by_role("button", name="禁言", exact=True).click()

    async def lifts_the_mute_of(self, name: str) -> None:
        await self.people.get_by_role("button", name=f"解除{name}的禁言").click()
        await agrees(self.page, "解除")

    async def removes(self, text: str) -> None:
        await self.comment(text).get_by_role("button", name="移除").click()
        await agrees(self.page, "移除")
