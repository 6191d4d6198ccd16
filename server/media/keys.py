"""Where handlers find the media service."""

from aiohttp import web

from .service import MediaService

MEDIA = web.AppKey("MEDIA", MediaService)
