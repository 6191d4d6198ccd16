"""A replay watched in a browser from its first moment to its last."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from playwright.async_api import Page

from tests.support.recorded import Recorded
from tests.support.wait import until

FAST = 4  # times; the page itself offers up to 2
TOLERANCE = 1.0  # s
# Every frame that was really put on the screen, by its time in the replay.
_WATCH = """() => {
  const video = document.querySelector('video');
  window.shown = [];
  const note = (_, frame) => { window.shown.push(frame.mediaTime); video.requestVideoFrameCallback(note); };
  video.requestVideoFrameCallback(note);
}"""
_SEEN = """() => {
  const video = document.querySelector('video');
  const played = Array.from({ length: video.played.length }, (_, i) => [video.played.start(i), video.played.end(i)]);
  return { ended: video.ended, duration: video.duration, played, shown: window.shown };
}"""


@dataclass(frozen=True)
class Seen:
    """Seconds in the replay."""

    duration: float
    played: list[tuple[float, float]]
    shown: list[float]

    def check(self, recording: Recorded) -> None:
        """All of the recording was played, and pictures were shown throughout, at its seams too."""
        assert abs(self.duration - recording.length) < TOLERANCE, f"{self.duration} s of {recording.length} s"
        played = sum(end - start for start, end in self.played)
        assert played > recording.length - TOLERANCE, f"played only {self.played} of {recording.length} s"
        moments = [0.0, *sorted(self.shown), recording.length]
        hole = max(pairwise(moments), key=lambda pair: pair[1] - pair[0])
        assert hole[1] - hole[0] < FAST * TOLERANCE, f"no picture was shown between {hole[0]:.2f} and {hole[1]:.2f} s"


async def opens(page: Page, url: str, broadcast: str) -> None:
    """The replay's page, and the button in its middle."""
    await page.goto(f"{url}/b/{broadcast}/replay")
    button = page.get_by_role("button", name="播放").first
    await button.wait_for()
    await page.evaluate(_WATCH)
    await button.click()


async def plays_to_the_end(page: Page, recording: Recorded, *, within: float) -> Seen:
    """Faster than it was, or the tests would take as long as what they record."""
    await page.evaluate("rate => { document.querySelector('video').playbackRate = rate }", FAST)
    last: dict[str, Any] = {}

    async def over() -> bool:
        last.update(await page.evaluate(_SEEN))
        return bool(last["ended"])

    try:
        await until(over, timeout=within, every=0.1, what="the end of the replay")
    except AssertionError as late:
        raise AssertionError(
            f"{late}: played {last['played']} of {last['duration']} s, shown up to {max(last['shown'])} s"
        ) from None
    return Seen(last["duration"], [(start, end) for start, end in last["played"]], last["shown"])
