"""What every handler of the feature needs of its request."""

from aiohttp import web

from .service import Moderation

MODERATION = web.AppKey("MODERATION", Moderation)


def moderation_of(request: web.Request) -> Moderation:
    return request.app[MODERATION]


def scope_of(request: web.Request) -> str:
    return request.match_info["broadcast"]
