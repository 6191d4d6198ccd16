"""Conversations between two people, sealed from page to page: the base of talks.

The server relays, keeps and deletes; it holds to form, membership, order, sizes, rates and time, and can read nothing. The
feature whose conversation it is begins, limits, closes and erases it, in transactions of its own, and holds the conversation's
row before anything else.
"""

from .blobs import FOLDER, BlobFolder
from .examining import examine
from .keys import OnAgreed
from .live import CONVERSATION_PARTS, ConversationSurface
from .model import CHANNEL_KIND, ERASED, Conversation, State, channel_of
from .model import Step as KeyStep
from .model import Taken as KeyTaken
from .routes import CONVERSATIONS, conversation_routes
from .service import Conversations
from .sockets import conversation_events

__all__ = [
    "CHANNEL_KIND",
    "CONVERSATIONS",
    "CONVERSATION_PARTS",
    "ERASED",
    "FOLDER",
    "BlobFolder",
    "Conversation",
    "ConversationSurface",
    "Conversations",
    "KeyStep",
    "KeyTaken",
    "OnAgreed",
    "State",
    "channel_of",
    "conversation_events",
    "conversation_routes",
    "examine",
]
