"""The built front end. Hashed assets never change; every other page address gets the one document the router starts from."""

from pathlib import Path

from aiohttp import web

from ..errors import NotFound

# Addresses that belong to programs: a wrong one must be an error, never the page.
_PROGRAMS = ("api/", "hls/", "whip/", "whep/", "socket.io/", "assets/")


def add_pages(app: web.Application, dist: Path) -> None:
    """Serve `dist`; without a build the root says how to make one, and the API works all the same."""
    if (dist / "assets").is_dir():
        app.router.add_static("/assets", dist / "assets", append_version=False)
    app.on_response_prepare.append(_cache_assets)

    async def page(request: web.Request) -> web.StreamResponse:
        path = request.match_info["path"]
        if path.startswith(_PROGRAMS):
            raise NotFound("not_found", "没有找到这个地址")
        candidate = "api-docs.html" if path == "api-docs" else path
        file = dist / candidate
        # Only files directly in the build: names come from the address, so no separators and nothing hidden.
        if candidate and "/" not in candidate and "\\" not in candidate and candidate[0] != "." and file.is_file():
            return web.FileResponse(file, headers={"Cache-Control": "no-cache"})
        document = dist / "index.html"
        if not document.is_file():
            return web.Response(status=503, text="前端尚未构建，请先运行 make build\n")
        return web.FileResponse(document, headers={"Cache-Control": "no-cache"})

    app.router.add_get("/{path:.*}", page)


async def _cache_assets(request: web.Request, response: web.StreamResponse) -> None:
    if request.rel_url.raw_path.startswith("/assets/") and response.status in (200, 206, 304):
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
