"""A life of a web process that is killed at one of its commits: `python -m tests.support.shaken.life URL FOLDER POINT ROUNDS`.

It does whatever is left to be done of a session with so many rounds: opens them, shakes for everybody, closes, reveals,
answers offers, until the session is closed. POINT is a number of commits and `before` or `after`: there it is killed,
without a chance to say anything; 0 lets it live. Who has a ticket asks for it again, which changes nothing and is no such
commit. What it was told is a line of FOLDER/told, written after the answer. Time is kept in FOLDER/clock, so that lives that
follow, or run beside it, go on from there.
"""

import asyncio
import fcntl
import json
import os
import signal
import sys
import uuid
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncSession, AsyncSessionTransaction

from server.core import db
from server.core.errors import AppError
from server.core.ids import digest
from server.identity import Member
from server.shake import ShakeState, draw_store, store
from server.shake.draw import commitment
from server.shake.model import Draw, DrawState, RoundState, Shake
from tests.support.clock import ManualClock
from tests.support.shaken.hall import Process, people_of, process

PART = 2  # tickets in a part of the list


class _Kept(ManualClock):
    """Goes on where the lives before have come to."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._file = folder / "clock"

    def now(self) -> datetime:
        return datetime.fromtimestamp(float(self._file.read_text()), UTC)

    def pass_(self, seconds: float) -> None:
        """One after the other, or it would go back to where the slower of two lives has seen it."""
        with self._file.with_name("clock.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            later = (self.now() + timedelta(seconds=seconds)).timestamp()
            temporary = self._file.with_name(f"clock.{os.getpid()}")
            temporary.write_text(str(later))
            temporary.replace(self._file)


@dataclass
class Reaper:
    """Kills this process at a commit: the `left`-th of a transaction that has written something."""

    left: int
    when: str

    def watch(self, database: db.Database) -> None:
        commit = db._commit

        @event.listens_for(database._writer.sync_engine, "before_cursor_execute")
        def executes(connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if statement.lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
                connection.info["writes"] = True

        @event.listens_for(database._writer.sync_engine, "rollback")
        def undone(connection: Any) -> None:
            connection.info.pop("writes", None)

        async def watched(session: AsyncSession, begun: AsyncSessionTransaction) -> None:
            sync = (await session.connection()).sync_connection
            counts = sync is not None and sync.info.pop("writes", False)
            self.left -= counts
            if counts and self.left == 0 and self.when == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            await commit(session, begun)
            if counts and self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

        db._commit = watched


class Life:
    def __init__(self, here: Process, folder: Path, rounds: int) -> None:
        self._here, self._rounds = here, rounds
        self._shake_id = (folder / "shake").read_text()
        self._log = os.open(folder / "told", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    async def live(self) -> None:
        found, _ = await people_of(self._here.database)
        self._secretaries, members = found[1:3], found[3:]
        self._members = {each.id: each for each in members}
        self._here.rounds._listing._part = PART
        while not await self._step():
            pass

    async def _step(self) -> bool:
        here = self._here
        async with here.database.reading() as session:
            shake = await store.find(session, self._shake_id)
            rounds = await store.rounds(session, self._shake_id)
            draws = await draw_store.of_shake(session, self._shake_id)
        assert shake is not None
        if shake.state is ShakeState.CLOSED:
            return True
        newest = rounds[-1] if rounds else None
        secretary = self._secretaries[(newest.number if newest else 0) % 2]
        try:
            if newest is None or newest.state in (RoundState.VOID, RoundState.EMPTY):
                await here.rounds.prepare(secretary, shake.id, commitment(self._nonce(len(rounds) + 1)))
            elif newest.state is RoundState.PREPARED:
                await here.rounds.open(self._by(newest.secretary_id), shake.id, newest.number)
            elif newest.state is RoundState.OPEN:
                await self._shake(shake, newest.number)
                here.clock.pass_(34)  # type: ignore[attr-defined]
                await here.look()
            elif newest.state is RoundState.CLOSING:
                await here.look()
            elif newest.state is RoundState.CLOSED:
                nonce = self._nonce(newest.number)
                await here.rounds.reveal(self._by(newest.secretary_id), shake.id, newest.number, nonce.hex())
            elif not await self._answer(draws):
                await self._go_on(shake, newest.number, draws)
        except AppError as refusal:
            if refusal.status != 409:  # somebody else was first, or its time is over
                raise
            await here.look()
        return False

    async def _go_on(self, shake: Shake, number: int, draws: list[Draw]) -> None:
        """Nobody is asked at the moment."""
        here = self._here
        if sum(each.talk_id is not None for each in draws if each.number == number) < 1:
            who = self._secretaries[number % 2]
            try:
                await here.drawing.draw(who, shake.id, number, client_id=_uuid(f"draw {number} {len(draws)}"))
                return
            except AppError as refusal:
                if refusal.code not in ("list_exhausted", "secretary_busy"):
                    raise
        if number < self._rounds:
            who = self._secretaries[number % 2]
            await here.rounds.prepare(who, shake.id, commitment(self._nonce(number + 1)))
        else:
            await here.shakes.close(self._secretaries[0], shake.id)

    async def _shake(self, shake: Shake, number: int) -> None:
        async def one(member: Member) -> None:
            try:
                kept = await self._here.shake(member, shake, _uuid(f"shake {number} {member.id}"))
            except AppError as refusal:
                if refusal.code not in ("already_drawn", "recently_talked", "round_not_open", "too_late"):
                    raise
                return
            self._tell("ticket", {**asdict(kept), "at": kept.at.timestamp()})

        await asyncio.gather(*map(one, self._members.values()))

    async def _answer(self, draws: list[Draw]) -> bool:
        """The first of a round lets the time pass, the second declines, the third accepts, whoever lives."""
        offers = [each for each in draws if each.state is DrawState.OFFERED]
        for offer in offers:
            member, here = self._members[offer.member_id], self._here
            asked = [each.n for each in draws if each.number == offer.number and each.state is not DrawState.PASSED]
            choice = sorted(asked).index(offer.n) % 3
            if choice == 0:
                here.clock.pass_(34)  # type: ignore[attr-defined]
                await here.drawing.look()
            elif choice == 1:
                await here.drawing.decline(member, offer.id)
            else:
                accepted = await here.drawing.accept(member, offer.id)
                self._tell("talk", {"draw": accepted.id, "talk": accepted.talk_id})
        return bool(offers)

    def _tell(self, what: str, data: dict[str, Any]) -> None:
        os.write(self._log, f"{json.dumps([what, data])}\n".encode())

    def _by(self, member_id: str) -> Member:
        return next(each for each in self._secretaries if each.id == member_id)

    def _nonce(self, number: int) -> bytes:
        """Of a page that does not forget it."""
        return bytes.fromhex(digest(f"nonce {self._shake_id} {number}"))


def _uuid(text: str) -> str:
    return str(uuid.UUID(digest(text)[:32]))


async def main(url: str, folder: Path, point: str, rounds: int) -> None:
    number, _, when = point.partition(" ")
    async with process(url, folder, _Kept(folder)) as here:
        Reaper(int(number), when).watch(here.database)
        await Life(here, folder, rounds).live()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])))
