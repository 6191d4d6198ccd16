"""The demonstration: a sample organisation, and a publisher that keeps one broadcast on air as any host would.

The publisher is a process of its own (`hongbo demo publish`) and knows of the server only what a host knows: an address and a
token. The server starts it and lets it go; when it dies, viewers see what they would see of a host whose network broke.
"""

from pathlib import Path

from aiohttp import web

from server.settings import Settings

__all__ = ["add_demo", "publish"]


def add_demo(app: web.Application, settings: Settings, *, whip_base: str) -> None:
    """Load the demo when `app` starts, and keep its broadcast on air until it stops."""
    from . import setup

    setup.add_demo(app, settings, whip_base=whip_base)


def publish(*, url: str, token_file: Path, data_dir: Path | None) -> int:
    """Send the demo picture until SIGTERM or SIGINT; the exit code."""
    from . import publisher

    return publisher.publish(url=url, token_file=token_file, data_dir=data_dir)
