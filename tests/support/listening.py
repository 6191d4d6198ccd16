"""What a viewer hears, asked of the page itself."""

from playwright.async_api import Page

from tests.support.wait import until

LOUD = 0.2  # of full scale; the browser's played microphone beeps every second
SILENCE = 3.0  # s
# Where in the stream a beep was last heard. The samples of the last two thirds of a second are looked at every tenth.
_LISTEN = """loud => {
  const video = document.querySelector('video');
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 32768;
  context.createMediaElementSource(video).connect(analyser);
  analyser.connect(context.destination);
  const samples = new Float32Array(analyser.fftSize);
  window.heardAt = -1;
  setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    if (samples.some(sample => Math.abs(sample) > loud)) window.heardAt = video.currentTime;
  }, 100);
}"""
_QUIET = "() => document.querySelector('video').currentTime - window.heardAt"


async def listens(page: Page) -> None:
    """Taps the sound on, as viewers are asked to."""
    await page.get_by_role("button", name="轻触打开声音").click()
    await page.evaluate(_LISTEN, LOUD)


async def hears(page: Page, *, within: float = 20.0) -> None:
    await page.evaluate("() => { window.heardAt = -1 }")
    await until(lambda: page.evaluate("() => window.heardAt >= 0"), timeout=within, every=0.1, what="a beep")


async def hears_nothing(page: Page, *, within: float = 20.0) -> None:
    """The stream goes on for some seconds without a sound."""

    async def quiet() -> bool:
        return float(await page.evaluate(_QUIET)) > SILENCE

    await until(quiet, timeout=within, every=0.1, what="silence")
