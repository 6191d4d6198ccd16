"""Broadcasts: schedule, life cycle, visibility, replay. Media carries the streams; this feature says what should be."""

from .limits import BroadcastSettings

__all__ = ["BroadcastSettings"]
