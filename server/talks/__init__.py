"""Talks (书记聊一聊): between a secretary and a member who was drawn, for a while, sealed from page to page.

What is said is in the conversation of the same id, which this server cannot read. Here are a talk's states, its time, its end,
the credit for it, and what the two decide to keep. Whoever draws begins one with `Talks.begin`, in its own transaction.
"""

from .afterwards import Afterwards
from .limits import TalkSettings
from .live import OWN_TALK_PART, TALK_PART
from .model import LEAST_MINUTES, MOST_MINUTES, Reason, Side, Talk, TalkState
from .retention import TalkRetention
from .routes import AFTERWARDS, TALK_SETTINGS, TALKS, talk_routes
from .service import OnEnd, Shown, Talks
from .store import SCRUBBED
from .ticker import join_pulse

__all__ = [
    "AFTERWARDS",
    "LEAST_MINUTES",
    "MOST_MINUTES",
    "OWN_TALK_PART",
    "SCRUBBED",
    "TALKS",
    "TALK_PART",
    "TALK_SETTINGS",
    "Afterwards",
    "OnEnd",
    "Reason",
    "Shown",
    "Side",
    "Talk",
    "TalkRetention",
    "TalkSettings",
    "TalkState",
    "Talks",
    "join_pulse",
    "talk_routes",
]
