"""Rows of the ledger as they are answered over HTTP."""

from collections.abc import Sequence

from aiohttp import web

from .keys import LEDGER, PROPOSING
from .service import Row
from .wire import CreditOut


async def own_credits(request: web.Request, rows: Sequence[Row]) -> list[CreditOut]:
    """With the appeals against them, which are between the member and who answers them."""
    appeals = await request.app[PROPOSING].appeals_of([each.entry.id for each in rows])
    names = await request.app[LEDGER].names()
    return [
        CreditOut.of(each.entry, names.get(each.entry.indicator, ""), each.reversed_by, appeals.get(each.entry.id))
        for each in rows
    ]


async def credits_of_others(request: web.Request, rows: Sequence[Row]) -> list[CreditOut]:
    names = await request.app[LEDGER].names()
    return [CreditOut.of(each.entry, names.get(each.entry.indicator, ""), each.reversed_by, None) for each in rows]
