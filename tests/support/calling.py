"""What flows in a call between two pages of a talk, asked of the browsers themselves."""

from typing import Any

from playwright.async_api import Locator, Page, expect

from tests.support.wait import until

_KEEP = """(() => {
  const forced = FORCED
  window.peers = []
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(configuration) {
      super({ ...configuration, ...forced })
      window.peers.push(this)
    }
  }
})()"""
_LOOK = """async () => {
  const peer = window.peers.at(-1)
  const video = document.querySelector('.call-screen video.theirs.shown')
  if (!peer || !video?.videoWidth) return null
  const stats = [...(await peer.getStats()).values()]
  const inbound = stats.filter(({ type }) => type === 'inbound-rtp')
  const [picture, sound] = ['video', 'audio'].map((kind) => inbound.find((each) => each.kind === kind))
  const pair = stats.find(({ id }) => id === stats.find(({ type }) => type === 'transport').selectedCandidatePairId)
  const ends = [pair?.localCandidateId, pair?.remoteCandidateId]
  const kinds = ends.map((end) => stats.find(({ id }) => id === end)?.candidateType)
  const camera = peer.getSenders().find(({ track }) => track?.kind === 'video')?.track.getSettings().deviceId
  return { shown: video.currentTime, frames: picture?.framesDecoded ?? 0, sound: sound?.packetsReceived ?? 0, kinds, camera,
           connections: window.peers.length, name: /a=ice-ufrag:(\\S+)/.exec(peer.localDescription.sdp)[1] }
}"""


async def keeps_connections(*pages: Page, relayed: bool = False) -> None:
    """From the next load on the pages' connections can be looked at; `relayed`: they take no way but through a relay."""
    forced = "{ iceTransportPolicy: 'relay' }" if relayed else "{}"
    for page in pages:
        await page.add_init_script(_KEEP.replace("FORCED", forced))


async def sees_and_hears(page: Page, *, within: float = 20.0) -> dict[str, Any]:
    """Pictures and sound of the other side flow, and the picture is shown; gives what the browser says of the connection."""
    first: dict[str, Any] | None = await until(
        lambda: page.evaluate(_LOOK), timeout=within, every=0.1, what="a picture of the other"
    )
    assert first is not None

    async def grown() -> dict[str, Any]:
        """Empty until then."""
        found: dict[str, Any] | None = await page.evaluate(_LOOK)
        return found if found and all(found[each] > first[each] for each in ("shown", "frames", "sound")) else {}

    return await until(grown, timeout=within, every=0.1, what=f"more pictures and sound than {first}")


async def takes_the_call(page: Page, kind: str = "视频通话") -> None:
    await page.get_by_role("dialog", name=kind).get_by_role("button", name="接听", exact=True).click()


def in_call(page: Page) -> Locator:
    return page.get_by_text("通话中，只有双方设备能听到")


async def calls_with_pictures(caller: Page, other: Page) -> None:
    """Until both hear and see each other."""
    await caller.get_by_role("button", name="视频通话").click()
    await expect(caller.get_by_text("等待对方接听")).to_be_visible()
    await takes_the_call(other)
    for page in (caller, other):
        await expect(in_call(page)).to_be_visible(timeout=30_000)
        await sees_and_hears(page)
