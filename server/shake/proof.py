"""What anyone needs to check a session: commitments, lists, nonces, draws, and the seed once it is closed. It names nobody who
shook."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from ..core.db import Database
from ..core.errors import NotFound
from ..identity import Member
from . import draw_store, store
from .listing import Listing
from .live import names_of
from .model import Draw, Limits, Round, Shake
from .service import Shakes

INLINE = 2000  # tickets; longer lists have an address of their own


@dataclass(frozen=True, slots=True)
class Proof:
    """`lists`: the texts of those that are short, by the number of the round."""

    shake: Shake
    rounds: list[Round]
    draws: list[Draw]
    lists: dict[int, str]
    names: dict[str, str]
    limits: Limits


class Proofs:
    def __init__(self, database: Database, shakes: Shakes, listing: Listing, limits: Limits) -> None:
        self._database, self._shakes, self._listing, self._limits = database, shakes, listing, limits

    async def of(self, member: Member, shake_id: str) -> Proof:
        """Raise NotFound."""
        async with self._database.snapshot() as session:
            shake = await self._shakes.find_in(session, member, shake_id)
            rounds, draws = await store.rounds(session, shake_id), await draw_store.of_shake(session, shake_id)
            names = await names_of(session, {each.secretary_id for each in rounds} | {each.secretary_id for each in draws})
        short = [each for each in rounds if each.list_hash is not None and each.size <= INLINE]
        lists = {each.number: "".join([piece async for piece in self._listing.text(each)]) for each in short}
        return Proof(shake, rounds, draws, lists, names, self._limits)

    async def list(self, member: Member, shake_id: str, number: int) -> tuple[Round, AsyncIterator[str]]:
        """A closed list and its text, piece by piece. Raise NotFound."""
        async with self._database.reading() as session:
            await self._shakes.find_in(session, member, shake_id)
            found = await store.find_round(session, shake_id, number)
        if found is None or found.list_hash is None:
            raise NotFound("round_not_found", "没有这一轮，或者它的名单还没有封存")
        return found, self._listing.text(found)
