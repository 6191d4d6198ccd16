"""Addresses of a broadcast, and its QR code."""

import io

import segno
from yarl import URL


class Links:
    """`public_url` is where people reach this deployment."""

    def __init__(self, public_url: URL) -> None:
        self._base = str(public_url).rstrip("/")
        self.host = public_url.host or "localhost"

    def room(self, broadcast_id: str) -> str:
        return f"{self._base}/b/{broadcast_id}"

    def whip(self, broadcast_id: str) -> str:
        """Absolute: encoders outside the browser take it as it is."""
        return f"{self._base}/whip/{broadcast_id}"


def live_path(broadcast_id: str) -> str:
    return f"/hls/{broadcast_id}/index.m3u8"


def replay_path(broadcast_id: str) -> str:
    return f"/hls/{broadcast_id}/replay.m3u8"


def poster_path(broadcast_id: str, name: str) -> str:
    """Changes with the picture, so that browsers may keep what they have."""
    return f"/api/v1/broadcasts/{broadcast_id}/poster.jpg?v={name[:16]}"


def download_path(broadcast_id: str) -> str:
    return f"/api/v1/broadcasts/{broadcast_id}/download.mp4"


def qr_svg(link: str) -> bytes:
    """ISO/IEC 18004 at level Q: readable from a slide across a hall, with a quarter of it lost. Quiet zone of four modules."""
    out = io.BytesIO()
    segno.make(link, error="q", micro=False).save(out, kind="svg", scale=8, border=4, dark="#221c18", light="#ffffff")
    return out.getvalue()
