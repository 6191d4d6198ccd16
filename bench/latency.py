"""How far behind the clock a viewer's picture is: Chromium, hls.js, the time read from the picture itself.

The source sends each frame when the wall clock says what the frame shows, so the lag is everything from there to the presented
frame: WHIP, packager, LL-HLS, player. Read at presentation, about five times a second.
"""

import re
from pathlib import Path
from urllib.parse import quote

from playwright.sync_api import Page, Route, sync_playwright

from server.demo import clockcode

from .hongbo import MOBILE, PASSWORD, Broadcast
from .measure import BenchFailed, percentile
from .report import Row
from .source import SPEC

HERE = Path(__file__).resolve().parent
HLS_JS = HERE.parent / "static" / "node_modules" / "hls.js" / "dist" / "hls.min.js"
_SETTLE = 12.0  # seconds in which the player finds its place behind the live edge
_SECONDS = 40.0
_CHROMIUM = "/usr/bin/chromium"
_FLAGS = ["--autoplay-policy=no-user-gesture-required", "--no-sandbox"]


def measure(broadcast: Broadcast) -> tuple[list[Row], dict[str, float | None]]:
    """One row, and median and 95th percentile in seconds."""
    if not HLS_JS.exists():
        raise BenchFailed("hls.js is not installed (make build)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_FLAGS)
        context = browser.new_context()
        site = broadcast.site
        context.route(re.compile(r"/bench/"), _serve)
        page = context.new_page()
        try:
            _enter(page, broadcast)
            lags = _lags(page, f"{site.origin}/bench/player.html?source={quote(f'/hls/{broadcast.id}/index.m3u8')}")
            faults, unread = page.evaluate("window.faults"), page.evaluate("window.unread")
        finally:
            browser.close()
    row: Row = {
        "what": "latency",
        "samples": len(lags),
        "median_s": percentile(lags, 0.5),
        "p95_s": percentile(lags, 0.95),
        "most_s": max(lags),
        "unread": unread,
        "faults": "; ".join(dict.fromkeys(faults)) or None,
    }
    return [row], {"hls_latency_median_s": percentile(lags, 0.5), "hls_latency_p95_s": percentile(lags, 0.95)}


def _enter(page: Page, broadcast: Broadcast) -> None:
    """Sign in and open the broadcast, in the browser, which thereby gets the cookies it needs."""
    page.goto(f"{broadcast.site.origin}/healthz")
    status: int = page.evaluate(
        """async ([mobile, password, id]) => {
            const headers = {'Content-Type': 'application/json'};
            await fetch('/api/v1/session', {method: 'POST', headers, body: JSON.stringify({mobile, password})});
            return (await fetch(`/api/v1/broadcasts/${id}`)).status;
        }""",
        [MOBILE, PASSWORD, broadcast.id],
    )
    if status != 200:
        raise BenchFailed(f"the browser may not see the broadcast: {status}")


def _lags(page: Page, address: str) -> list[float]:
    page.goto(address)
    page.wait_for_function("document.querySelector('video').currentTime > 0", timeout=20_000)
    page.wait_for_timeout(_SETTLE * 1000)
    place = {
        "left": clockcode.LEFT,
        "top": clockcode.TOP,
        "cell": clockcode.CELL,
        "cells": clockcode.CELLS,
        "bits": clockcode.BITS,
        "referenceWidth": clockcode.REFERENCE_WIDTH,
        "every": 190,
    }
    page.evaluate((HERE / "clock_reader.js").read_text(), place)
    page.wait_for_timeout(_SECONDS * 1000)
    samples: list[list[float]] = page.evaluate("window.samples")
    if len(samples) < _SECONDS:
        raise BenchFailed(f"only {len(samples)} readable pictures; faults: {page.evaluate('window.faults')}")
    length = SPEC.per_second * SPEC.seconds
    return [clockcode.behind(int(number), now, per_second=SPEC.per_second, length=length) for now, number in samples]


def _serve(route: Route) -> None:
    """The player's page and script, as if they were the site's: same origin, so that cookies go along."""
    name = route.request.url.partition("?")[0].rsplit("/", 1)[1]
    if name == "player.html":
        route.fulfill(path=HERE / "player.html", content_type="text/html")
    else:
        route.fulfill(path=HLS_JS, content_type="text/javascript")
