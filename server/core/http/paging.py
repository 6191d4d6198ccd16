"""Cursor paging: `?after=…&limit=…`, answer `{items, next}`; `next` is absent on the last page."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Item = TypeVar("Item", bound=BaseModel)


class PageQuery(BaseModel):
    model_config = ConfigDict(extra="forbid")

    after: str | None = Field(default=None, max_length=200, description="The `next` of the page before.")
    limit: int = Field(default=50, ge=1, le=200)


class Page(BaseModel, Generic[Item]):
    items: list[Item]
    next: str | None = Field(default=None, description="Give it as `after` to read on; null on the last page.")
