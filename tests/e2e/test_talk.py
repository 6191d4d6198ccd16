"""A talk in two browsers, from the first hello to what is left of it; nothing of what was said is anywhere on the server."""

import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from tests.support.between import Between
from tests.support.browsing import DESKTOP, phone, running_browser
from tests.support.calling import calls_with_pictures, in_call, keeps_connections, sees_and_hears
from tests.support.hosting import agrees
from tests.support.measuring import fits
from tests.support.relay import Relay
from tests.support.serving import Serving
from tests.support.talks import begun_talk, code_on, compared, heard, says
from tests.support.wait import until
from tests.support.watching import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
SECRETARY, MEMBER = "10000000001", "10000000010"
CANARY, HIDDEN = "金丝雀七七一九", "EXIF-CANARY-4402"
# The second of Chromium's own cameras measures depth, and gives a call no picture.
THREE_CAMERAS = "--use-fake-device-for-media-stream=device-count=3"
# The relay of a test is on loopback, where browsers do not look for ways to each other by themselves.
OVER_LOOPBACK = "--allow-loopback-in-peer-connection"


def a_photograph() -> bytes:
    """As a phone takes it: with words beside the picture."""
    exif = Image.Exif()
    exif[0x010E] = HIDDEN
    file = io.BytesIO()
    Image.effect_noise((2400, 1800), 60).convert("RGB").save(file, "jpeg", exif=exif, comment=HIDDEN.encode())
    assert HIDDEN.encode() in file.getvalue()
    return file.getvalue()


def found_in(folder: Path, output: list[str], *words: str) -> list[str]:
    """Files that hold any of the words in any of the ways in which they may be written, and lines of the log."""
    ways = {way for word in words for way in (word.encode(), word.encode("utf-16-le"), ascii(word)[1:-1].encode())}
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".sealed" for path in files)
    assert any(path.name.endswith("-wal") for path in files)
    held = [str(path) for path in files if any(way in path.read_bytes() for way in ways)]
    return held + [line for line in output if any(way in line.encode() for way in ways)]


async def opened(page: Page, serving: Serving, mobile: str, talk: str) -> None:
    await sign_in(page, serving.url, mobile, then=f"/talks/{talk}")


async def _ends(page: Page) -> None:
    await page.get_by_role("button", name="更多").click()
    await page.get_by_role("button", name="结束谈话").click()
    await page.get_by_role("dialog", name="现在结束谈话？").get_by_role("button", name="结束谈话").click()


async def test_a_talk_from_the_code_to_what_both_keep(serving: Serving) -> None:
    talk = await begun_talk(serving, SECRETARY, MEMBER)
    async with running_browser() as browser, phone(browser, size=DESKTOP) as secretary, phone(browser) as member:
        await opened(secretary, serving, SECRETARY, talk)
        await expect(secretary.get_by_text("正在等对方打开谈话")).to_be_visible()
        await sign_in(member, serving.url, MEMBER, then="/talks")
        await member.get_by_role("link", name=re.compile("苏映川")).click()
        await code_on(member)
        await fits(member)
        code = await compared(secretary, member)

        # Text, that somebody writes, and that it was read
        await secretary.get_by_label("写消息").press_sequentially("在吗")
        await expect(member.get_by_text("对方正在输入")).to_be_visible()
        await says(member, f"{CANARY}\n第二行")
        await expect(heard(secretary, CANARY)).to_be_visible()
        await expect(member.get_by_text("已读")).to_be_visible()
        await says(secretary, "收到，慢慢说")
        await expect(heard(member, "收到，慢慢说")).to_be_visible()

        # A picture, without what the camera wrote beside it
        picture = {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": a_photograph()}
        await member.locator("input[type=file]").set_input_files(picture)  # type: ignore[arg-type]
        await expect(secretary.get_by_role("button", name="查看图片").locator("img")).to_be_visible(timeout=20_000)
        await secretary.get_by_role("button", name="查看图片").click()
        await expect(secretary.get_by_role("dialog", name="图片")).to_be_visible()
        size = await secretary.locator(".picture-viewer img").evaluate("img => [img.naturalWidth, img.naturalHeight]")
        assert size == [1600, 1200]
        await secretary.keyboard.press("Escape")
        await expect(secretary.get_by_role("dialog", name="图片")).to_be_hidden()

        # A voice, which the other plays
        await member.get_by_role("button", name="说一段语音").click()
        # Two seconds at the least: each figure stands there for one, and may be missed.
        await expect(member.locator(".voice-recorder .figures")).to_have_text(re.compile(r"0:0[2-9]|0:[1-5]\d"), timeout=10_000)
        await member.get_by_role("button", name="发送", exact=True).click()
        await secretary.get_by_role("button", name="播放语音").click(timeout=20_000)
        await expect(secretary.get_by_role("button", name="暂停语音")).to_be_visible()
        await expect(secretary.get_by_role("button", name="播放语音")).to_be_visible(timeout=10_000)
        await secretary.get_by_role("button", name=re.compile("播放速度 1 倍")).click()
        await expect(secretary.get_by_role("button", name=re.compile("播放速度 1.5 倍"))).to_be_visible()
        await fits(secretary, member)

        # Taken back
        await says(member, "这句说错了")
        await expect(heard(secretary, "这句说错了")).to_be_visible()
        await member.get_by_role("button", name="操作我的消息").last.click()
        await member.get_by_role("button", name="撤回").click()
        await expect(secretary.get_by_text("对方撤回了一条消息")).to_be_visible()
        await expect(heard(secretary, "这句说错了")).to_be_hidden()

        # A reload keeps the keys; what is written while the server is away goes out once it is back
        await member.reload()
        await expect(heard(member, "收到，慢慢说")).to_be_visible(timeout=20_000)
        await expect(member.get_by_text("已核对")).to_be_visible()
        await expect(heard(member, CANARY)).to_be_visible()
        await serving.kill()
        await says(member, "断网时写的")
        await expect(member.get_by_text("等待网络，连上后自动发出")).to_be_visible(timeout=30_000)
        await _ends(member)
        await expect(member.locator(".van-toast", has_text="连不上服务器")).to_be_visible()
        await member.goto("about:blank")
        await serving.start()
        await member.goto(f"{serving.url}/talks/{talk}")
        await expect(heard(secretary, "断网时写的")).to_be_visible(timeout=30_000)
        await expect(heard(member, "断网时写的")).to_have_count(1)
        await expect(member.get_by_text("发送中")).to_be_hidden()

        # A screen that somebody looks at over the shoulder
        await member.get_by_role("button", name="隐藏屏幕").click()
        await expect(member.get_by_role("button", name="屏幕已隐藏")).to_be_visible()
        await member.get_by_role("button", name="屏幕已隐藏").click()

        assert not found_in(serving.folder, serving.output, CANARY, HIDDEN, "断网时写的", code.replace(" ", ""))

        # The end, and what is left
        await _ends(secretary)
        await expect(member.get_by_role("heading", name="对方结束了这次谈话")).to_be_visible()
        await fits(secretary, member)
        await member.get_by_role("switch", name=re.compile("希望再聊一次")).click()
        await secretary.get_by_label("要跟进的事").fill("下月回访孩子入学")
        await secretary.get_by_label("什么时候跟进").fill("2026-12-01")
        await secretary.get_by_role("button", name="保存").click()
        await expect(secretary.get_by_text("已保存")).to_be_visible()
        await secretary.get_by_role("button", name="写几句纪要").click()
        await secretary.get_by_label("纪要", exact=True).fill("谈了孩子入学的事")
        await secretary.get_by_role("button", name="请对方确认").click()
        await member.get_by_role("button", name="同意留下").click()
        await expect(secretary.get_by_text("双方已确认")).to_be_visible()
        await member.get_by_role("button", name="看聊天内容").click()
        await expect(heard(member, CANARY)).to_be_visible()
        await member.get_by_role("button", name="返回").click()
        assert not found_in(serving.folder, serving.output, CANARY, "下月回访", "谈了孩子入学")
        for page in (member, secretary):
            await page.get_by_role("switch", name=re.compile("什么也不留")).click()
        for page in (member, secretary):
            await expect(page.get_by_text("双方都选择了什么也不留")).to_be_visible()
        await expect(member.get_by_role("button", name="看聊天内容")).to_be_hidden()
        await secretary.goto(f"{serving.url}/talks")
        follow_up = secretary.get_by_role("region", name="要跟进的").get_by_role("link")
        await expect(follow_up).to_contain_text("跟进：下月回访孩子入学")
        await expect(follow_up).to_contain_text("希望再聊一次")
        await expect(secretary.locator(f"a[href='/talks/{talk}']")).to_have_count(1)
        await fits(secretary)


async def another_camera(page: Page, used: list[str]) -> str | None:
    camera: str = (await sees_and_hears(page))["camera"]
    return camera if camera not in used else None


async def test_a_call_through_a_relay_that_fails_and_from_another_camera(relaying: Serving, relay: Relay) -> None:
    """The pages have no way to each other but the relay, by what the server hands out. Also the last two minutes, and more time
    by agreement."""
    talk = await begun_talk(relaying, SECRETARY, MEMBER, minutes=2)
    async with (
        running_browser(flags=(THREE_CAMERAS, OVER_LOOPBACK)) as browser,
        phone(browser, size=DESKTOP) as secretary,
        phone(browser) as member,
    ):
        await keeps_connections(secretary, member, relayed=True)
        await opened(secretary, relaying, SECRETARY, talk)
        await opened(member, relaying, MEMBER, talk)
        await compared(secretary, member)
        await expect(member.get_by_text("不到 2 分钟就要结束了")).to_be_visible()
        await member.get_by_role("button", name="请对方延长 10 分钟").click()
        await secretary.get_by_role("button", name="同意").click()
        await expect(member.get_by_text(re.compile(r"剩余 1[01]:\d\d"))).to_be_visible()

        await secretary.get_by_role("button", name="语音通话").click()
        await member.get_by_role("dialog", name="语音通话").get_by_role("button", name="不方便").click()
        await expect(secretary.get_by_text("对方没有接听语音通话")).to_be_visible()

        await calls_with_pictures(secretary, member)
        before = await sees_and_hears(member)
        assert before["kinds"] == ["relay", "relay"]
        await fits(secretary, member)
        await member.get_by_role("button", name="静音", exact=True).click()
        await expect(member.get_by_role("button", name="取消静音")).to_be_visible()
        await member.get_by_role("button", name="关摄像头").click()
        await expect(secretary.locator(".call-screen video.theirs.shown")).to_have_count(0)
        await member.get_by_role("button", name="开摄像头").click()
        await sees_and_hears(secretary)
        used = [before["camera"]]
        for _ in range(2):
            await member.get_by_role("button", name="换镜头").click()
            used.append(await until(lambda: another_camera(member, used), what="another camera"))
        await sees_and_hears(secretary)

        # The way between the two breaks, and comes back elsewhere: the browsers must agree on it anew, and do within the seal.
        relay.kill()
        for page in (secretary, member):
            await expect(page.get_by_text("网络不稳，正在恢复")).to_be_visible(timeout=30_000)
        relay.start()
        await member.context.set_offline(True)
        await member.context.set_offline(False)
        for page in (secretary, member):
            await expect(in_call(page)).to_be_visible(timeout=30_000)
        after = [await sees_and_hears(page) for page in (secretary, member)][1]
        assert after["kinds"] == ["relay", "relay"]
        assert after["name"] != before["name"], "ICE has begun anew"
        assert after["connections"] == before["connections"] == 1, "and the connection, with its keys, is the same"
        await member.get_by_role("button", name="挂断").click()
        for page in (secretary, member):
            await expect(page.locator(".call-screen")).to_have_count(0)
            await expect(page.get_by_text(re.compile(r"视频通话 \d+ 秒"))).to_be_visible()
        assert "a=fingerprint" not in "".join(path.read_text("latin-1") for path in relaying.folder.glob("hongbo.db*"))

        await member.get_by_role("button", name="更多").click()
        await member.get_by_role("button", name="结束并删除全部内容").click()
        await agrees(member, "结束并删除")
        await expect(secretary.get_by_text("对方已删除本次谈话内容")).to_be_visible()


async def test_a_new_device_a_lost_key_and_two_lost_keys(serving: Serving) -> None:
    talk = await begun_talk(serving, SECRETARY, MEMBER)
    async with running_browser() as browser, phone(browser, size=DESKTOP) as secretary, phone(browser) as member:
        await opened(secretary, serving, SECRETARY, talk)
        await opened(member, serving, MEMBER, talk)
        code = await compared(secretary, member)
        await says(member, "在旧手机上说的")
        await says(secretary, "书记说的")
        await expect(heard(member, "书记说的")).to_be_visible()

        async with phone(browser) as newer:
            await opened(newer, serving, MEMBER, talk)
            fresh = await code_on(newer)
            assert fresh == await code_on(secretary)
            assert fresh != code
            await expect(member.get_by_text("您正在另一台设备上进行这次谈话")).to_be_visible()
            await expect(member.get_by_role("button", name=re.compile("内容仅双方设备可读"))).to_be_hidden()
            await newer.get_by_role("button", name="数字一样").click()
            await expect(newer.get_by_text("这里打不开")).to_have_count(2)  # the other has not said yes yet
            await secretary.keyboard.press("Escape")
            await expect(secretary.get_by_text("对方换了设备")).to_be_visible()
            await secretary.get_by_role("button", name="核对数字").last.click()
            await secretary.get_by_role("button", name="数字一样").click()
            await expect(heard(newer, "在旧手机上说的")).to_be_visible()
            await expect(heard(newer, "书记说的")).to_be_visible()
            await expect(newer.get_by_text("这里打不开")).to_have_count(0)
            await says(newer, "在新手机上说的")
            await expect(heard(secretary, "在新手机上说的")).to_be_visible()

        await member.get_by_role("button", name="在这台设备上继续").click()
        await compared(member, secretary)
        await expect(heard(member, "在新手机上说的")).to_be_visible()

        forget = "() => new Promise((done) => { indexedDB.deleteDatabase('hongbo-talks').onsuccess = done })"
        for page in (member, secretary):
            await page.goto(f"{serving.url}/talks")
        for page in (member, secretary):
            await page.evaluate(forget)
            await page.goto(f"{serving.url}/talks/{talk}")
        await compared(member, secretary)
        for page in (member, secretary):
            await expect(page.get_by_text("谁也打不开")).to_be_visible()
        await says(member, "接着聊")
        await expect(heard(secretary, "接着聊")).to_be_visible()


async def test_whoever_sits_between_the_pages_is_noticed_by_the_code(serving: Serving) -> None:
    talk = await begun_talk(serving, SECRETARY, MEMBER)
    between = Between(talk)
    async with running_browser() as browser, phone(browser, size=DESKTOP) as secretary, phone(browser) as member:
        await between.sit_before(member)
        await opened(secretary, serving, SECRETARY, talk)
        await expect(secretary.get_by_text("正在等对方打开谈话")).to_be_visible()
        await opened(member, serving, MEMBER, talk)
        assert await code_on(secretary) != await code_on(member)
        assert between.swapped >= 2
        await member.get_by_role("button", name="数字不一样").click()
        await expect(member.get_by_role("alert").filter(has_text="可能有人夹在中间")).to_be_visible()
        await expect(member.get_by_label("写消息")).to_be_hidden()
        await fits(member)
