"""What must hold of a database, whoever was killed in it and when."""

from collections import Counter
from collections.abc import Iterable

from pydantic_core import from_json
from sqlalchemy import text

from server.core.db import Database
from server.shake import verified
from server.shake.ticket_store import Kept
from server.shake.vault import is_receipt, said_in_receipt


async def faults_of(database: Database, shake_id: str, acknowledged: Iterable[Kept] = ()) -> list[str]:
    """`acknowledged`: every ticket that somebody was told, ever; each must be on its round's list, as it was told."""
    faults = (await verified(database, shake_id)).faults
    async with database.reading() as session:
        connection = await session.connection()
        columns = "shake_id, member_id, secretary_id, state, talk_id"
        draws = (await connection.exec_driver_sql(f"SELECT {columns} FROM shake_draws")).all()  # noqa: S608
        lists = (
            await session.execute(
                text("SELECT data FROM journal WHERE channel = :channel"), {"channel": f"shakelist:{shake_id}"}
            )
        ).scalars()
        listed = {line for data in lists for line in _lines(data)}
        key = (await session.execute(text("SELECT receipt_key FROM shakes WHERE id = :id"), {"id": shake_id})).scalar_one()
    talks = [each for each in draws if each.state == "accepted"]
    for what, many in (
        ("member drawn twice in a session", Counter((each.shake_id, each.member_id) for each in talks)),
        ("talk of two draws", Counter(each.talk_id for each in talks)),
        ("member with two offers", Counter(each.member_id for each in draws if each.state == "offered")),
        ("secretary with two offers", Counter(each.secretary_id for each in draws if each.state == "offered")),
    ):
        faults += [f"{what}: {each}" for each, number in many.items() if number > 1]
    faults += [f"accepted without a talk: {each.member_id}" for each in talks if each.talk_id is None]
    told: dict[tuple[int, str], Kept] = {}
    for each in acknowledged:
        if told.setdefault((each.number, each.member_id), each) != each:
            faults.append(f"told two tickets in round {each.number}: {each.member_id}")
        if (each.number, f"{each.pseudonym} {each.nonce} {each.weight}") not in listed:
            faults.append(f"acknowledged and not on the list of round {each.number}: {each.member_id}")
        said = said_in_receipt(shake_id, each.number, each.pseudonym, each.nonce, each.weight, each.at)
        if not is_receipt(key, said, each.receipt):
            faults.append(f"a receipt that is not signed: {each.member_id}")
    return faults


def _lines(data: str) -> Iterable[tuple[int, str]]:
    part = from_json(data)
    return [(part["round"], line) for line in part["lines"].splitlines()]
