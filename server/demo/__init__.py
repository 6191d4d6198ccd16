"""The demonstration: a sample organisation, and a publisher that keeps one broadcast on air as any host would.

The publisher is a process of its own (`hongbo demo publish`) and knows of the server only what a host knows: an address and a
token. The server starts it and lets it go; when it dies, viewers see what they would see of a host whose network broke.
"""

from .publisher import publish

__all__ = ["publish"]
