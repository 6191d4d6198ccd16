"""Chromium publishes to us, with the camera and microphone it plays itself: mDNS candidates, RTX, REMB, its own pacing."""

from itertools import pairwise

import pytest

from tests.integration.media.whip.conftest import House, MakeHouse
from tests.support.browsing import phone, running_browser
from tests.support.wait import until

pytestmark = pytest.mark.browser

PUBLISH = """async ([url, token]) => {
  const media = await navigator.mediaDevices.getUserMedia({ video: { width: 1280, height: 720, frameRate: 30 }, audio: true })
  const peer = window.peer = new RTCPeerConnection()
  for (const track of media.getTracks()) peer.addTransceiver(track, { direction: 'sendonly', streams: [media] })
  await peer.setLocalDescription()
  const headers = { 'Content-Type': 'application/sdp', Authorization: 'Bearer ' + token }
  const answer = await fetch(url, { method: 'POST', headers, body: peer.localDescription.sdp })
  if (answer.status !== 201) throw new Error(await answer.text())
  await peer.setRemoteDescription({ type: 'answer', sdp: await answer.text() })
}"""


async def test_chromium_publishes(make_house: MakeHouse) -> None:
    house: House = await make_house(key_frame_every=1.0)
    async with running_browser() as browser, phone(browser) as page:
        await page.goto(str(house.client.make_url("/blank")))
        await page.evaluate(PUBLISH, [f"/whip/{house.stream}", "good"])
        await until(lambda: house.flows() and len(house.output().pictures) > 150, timeout=30, what="pictures")
        output = house.output()
        keys = [unit.at for unit in output.pictures if unit.key]
        assert len(keys) >= 3
        assert max(after - before for before, after in pairwise(keys)) < 1_800_000
        assert len(output.sounds) > 100
        assert abs(output.pictures[-1].at - output.sounds[-1].at) < 200_000
        status = house.status()
        assert status.width is not None
        assert status.height is not None
        assert status.width * 9 == status.height * 16  # a busy machine sends smaller pictures
        await until(lambda: house.status().bitrate > 300_000, timeout=20, what="more than the 300 kbit/s a browser begins with")
        await page.evaluate("window.peer.close()")
        await until(lambda: not house.status().publishing, what="its goodbye")
