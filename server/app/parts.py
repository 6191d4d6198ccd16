"""What one process does: the web part, the media part, the housekeeping, or all three."""

import enum


class Part(enum.Flag):
    WEB = enum.auto()
    MEDIA = enum.auto()
    WORKER = enum.auto()
    ALL = WEB | MEDIA | WORKER
