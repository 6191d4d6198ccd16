"""The limits and choices of moderation. `server.settings` gives some of them names in the environment."""

from dataclasses import dataclass
from datetime import timedelta

MOST_MINUTES = 366 * 24 * 60
MOST_LISTS = 50
MOST_FILE = 4 * 1024 * 1024  # bytes of an imported list


@dataclass(frozen=True, slots=True)
class ModerationSettings:
    most_words: int = 50_000
    """Of all lists together: they are in every process's memory."""

    most_waiting: int = 500
    """Of one room. Who writes when so much waits is asked to try again; nobody could read it in time, and moderators are shown
    all of it."""

    reports_to_top: int = 3
    """So many people's reports bring something to the top of the desk."""

    reports_most: int = 20
    reports_within: timedelta = timedelta(minutes=10)
    """One person may file so many within that time."""

    max_upload: int = MOST_FILE
