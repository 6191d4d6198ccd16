"""What the payloads of all features share: an id, and that nothing comes in which was not declared."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from .ids import ID_FORM

Id = Annotated[str, Field(pattern=rf"^{ID_FORM}$")]
"""Of a row, or of a client's own making."""


class In(BaseModel):
    """A body, a query or an event. A field nobody declared is refused: it would be a mistake that nobody hears of."""

    model_config = ConfigDict(extra="forbid")
