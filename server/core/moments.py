"""Moments as request and response models have them: RFC 3339 on the wire, aware datetimes inside."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, PlainSerializer, WithJsonSchema

from .clock import rfc3339

_FIRST, _LAST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)


def _near(moment: datetime) -> datetime:
    """Times near the ends of time cannot be reckoned with."""
    if not _FIRST <= moment < _LAST:
        raise ValueError("between 2000 and 2100")
    return moment


When = Annotated[AwareDatetime, AfterValidator(_near)]
"""Given by somebody who plans."""
Moment = Annotated[AwareDatetime, PlainSerializer(rfc3339), WithJsonSchema({"type": "string", "format": "date-time"})]
"""Told by the server."""
