"""`hongbo shake verify ID` says in words what held, and ends with 1 where something did not."""

from sqlalchemy import text

from tests.support import forked
from tests.support.shaken import Hall


async def verified(hall: Hall, shake_id: str) -> tuple[int, list[str]]:
    program = await forked.start("server", "shake", "verify", shake_id, "--data", str(hall.folder))
    said = (await program.stdout.read()).decode()
    return await program.wait(), [line for line in said.splitlines() if line.startswith(("ok", "FAULT"))]


async def test_a_session_is_verified_by_command_and_a_change_in_the_journal_shows(hall: Hall) -> None:
    one = hall.one
    shake = await hall.announced()
    await hall.round_with(shake, hall.members)
    (offer,) = await hall.offers()
    status, lines = await verified(hall, shake.id)
    assert status == 0, lines
    assert any("not closed" in line for line in lines)
    await one.drawing.accept(hall.member(offer.member_id), offer.id)
    await one.shakes.close(hall.owner, shake.id)
    status, lines = await verified(hall, shake.id)
    assert status == 0, lines
    words = [line.split("  ")[-1].strip() for line in lines]
    code = words.pop(3)
    assert code.startswith("the code that pages show of it, for people to compare, is ")
    assert len(bytes.fromhex(code.split()[-1])) == 8
    assert words == [
        "round 1: the list of 6 has the hash that was published",
        "the seed is the one whose hash was published with the announcement",
        "round 1: all 1 draws are what the formula gives",
        "1 talks, each with somebody else",
    ]
    async with one.database.transaction() as session:
        changed = text("UPDATE journal SET data = replace(data, :was, :now) WHERE channel = :channel")
        values = {"was": offer.pseudonym, "now": "0" * 20, "channel": f"shake:{shake.id}"}
        await session.execute(changed, values)
    status, lines = await verified(hall, shake.id)
    assert status == 1
    assert any(line.startswith("FAULT") and "not what the formula gives" in line for line in lines)
    assert (await verified(hall, "nothing"))[0] == 1
