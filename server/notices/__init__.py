"""Notices: for now webhooks out. A feature that has something to tell an external system enters here.

outbox.put(session, event_id, EventType.PUBLICATION_OPENED, key, data)   # in the transaction of what happened
class LedgerStreams(Source): ...                                          # or its own rows, where they are a stream already
"""

from .addresses import SystemLookup
from .couriers import Couriers
from .model import Event, EventType
from .outbox import Outbox, Source
from .routes import WEBHOOKS, webhook_routes
from .service import Webhooks
from .settings import WebhookSettings

__all__ = [
    "WEBHOOKS",
    "Couriers",
    "Event",
    "EventType",
    "Outbox",
    "Source",
    "SystemLookup",
    "WebhookSettings",
    "Webhooks",
    "webhook_routes",
]
