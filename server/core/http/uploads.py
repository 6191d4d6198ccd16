"""Files that people hand in, as the body of a request, and how they are given back."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from aiohttp import ETag, web

from ..errors import NotFound


async def body_within(request: web.Request, most: int, too_large: Callable[[], Exception]) -> bytes:
    """The raw body, read no further than `most` bytes."""
    if request.content_length is not None and request.content_length > most:
        raise too_large()
    data = bytearray()
    async for chunk in request.content.iter_any():
        data += chunk
        if len(data) > most:
            raise too_large()
    return bytes(data)


async def handed_back(request: web.Request, path: Path, name: str, kind: str, sha256: str) -> web.Response:
    """A picture or a PDF that `core.cabinet` keeps. Raise NotFound `attachment_not_found`."""
    try:
        content = await asyncio.to_thread(path.read_bytes)
    except FileNotFoundError:
        raise NotFound("attachment_not_found", "没有这个附件") from None
    inline = kind == "jpeg"
    headers = {
        "Content-Type": "image/jpeg" if inline else "application/pdf",
        # A PDF is opened by a program of its own, and neither can do anything in our name.
        "Content-Disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }
    answer = web.Response(headers=headers)
    answer.etag = sha256
    if ETag(sha256) in (request.if_none_match or ()):
        answer.set_status(304)
        return answer
    answer.body = content
    return answer
