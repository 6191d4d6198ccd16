"""Every feature's tables, imported so that the metadata is whole. The one place that looks behind the features' roots."""

from server.broadcasts import tables as broadcasts
from server.core.http import idempotency
from server.identity import tables as identity

__all__ = ["broadcasts", "idempotency", "identity"]
