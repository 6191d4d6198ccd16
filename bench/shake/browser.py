"""The proof of a round, recomputed in Chromium by the worker of the product's own page; a server on loopback gives it the
list."""

import asyncio
import json
import subprocess
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from bench.measure import BenchFailed
from tests.support.browsing import phone, running_browser

_STATIC = Path(__file__).resolve().parents[2] / "static"
_WORKER = _STATIC / "src/pages/shake/proof/worker.ts"
_PAGE = "<!doctype html><meta charset=utf-8><title>bench</title>"
# As `useRecompute` asks it; from the question to the answer, the list's way over loopback included.
_ASK = """asked => new Promise((resolve, reject) => {
  const worker = new Worker('/worker.js', { type: 'module' })
  const began = performance.now()
  worker.onerror = event => reject(new Error(event.message))
  worker.onmessage = ({ data }) => {
    if ('done' in data) resolve({ verdict: data.done.verdict, draws: data.done.rounds[0].draws.length,
                                  seconds: (performance.now() - began) / 1000 })
    else if ('failed' in data) reject(new Error(data.failed))
  }
  worker.postMessage(asked)
})"""
_TIMES = 3


def recomputed(folder: Path) -> dict[str, float] | None:
    """The slowest of a few; None where the front end, or what bundles it, is not there."""
    bundler = _STATIC / "node_modules/.bin/rolldown"  # which vite brings
    if not bundler.exists() or not _WORKER.exists():
        return None
    bundle = folder / "worker.js"
    made = subprocess.run(
        [bundler, _WORKER, "--format", "es", "--minify", "--file", bundle],
        cwd=_STATIC,
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise BenchFailed(f"the worker was not bundled: {made.stderr[-1000:]}")
    return asyncio.run(_recomputed(folder))


async def _recomputed(folder: Path) -> dict[str, float]:
    asked = {"proof": json.loads((folder / "proof.json").read_text()), "own": [], "lists": {}, "address": "/list/{round}"}
    async with TestServer(_app(folder), host="127.0.0.1") as server, running_browser() as browser, phone(browser) as page:
        await page.goto(str(server.make_url("/")))
        found = [await page.evaluate(_ASK, asked) for _ in range(_TIMES)]
    if any(each["verdict"] != "held" or each["draws"] < 1 for each in found):
        raise BenchFailed(f"the browser does not find that the proof holds: {found}")
    return {"draws": found[0]["draws"], "seconds": max(each["seconds"] for each in found)}


def _app(folder: Path) -> web.Application:
    app = web.Application()

    async def page(_: web.Request) -> web.Response:
        return web.Response(text=_PAGE, content_type="text/html")

    async def worker(_: web.Request) -> web.FileResponse:
        return web.FileResponse(folder / "worker.js", headers={"Content-Type": "text/javascript"})

    async def list_(_: web.Request) -> web.FileResponse:
        return web.FileResponse(folder / "list.txt", headers={"Content-Type": "text/plain; charset=utf-8"})

    app.router.add_get("/", page)
    app.router.add_get("/worker.js", worker)
    app.router.add_get("/list/{round}", list_)
    return app
