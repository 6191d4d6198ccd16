"""Hostile texts in a talk: what the two say to each other, sealed, and what is left of it afterwards."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.browsing import DESKTOP
from tests.support.hostile import SECRETARY, WRITER, House, packs, running_house
from tests.support.hostile_fields import IN_TALKS
from tests.support.talks import begun_talk, compared, says


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with running_house(tmp_path, {}) as house:
        yield house


@pytest.mark.browser
@pytest.mark.timeout(240)
async def test_nothing_runs_of_what_is_said_in_a_talk(house: House) -> None:
    talk = await begun_talk(house.serving, SECRETARY, WRITER)
    path = f"/talks/{talk}"
    secretary = await house.opens(SECRETARY, path, size=DESKTOP)
    writer = await house.opens(WRITER, path)
    await compared(secretary.page, writer.page)
    said = packs(1_900, "正文")
    for words in said:
        await says(writer.page, words)
    await secretary.shows(*(words[:5] for words in said))
    await house.check("the talk")

    one = f"/api/v1{path}"
    notes = [{"text": words, "due_on": "2026-12-01"} for words in packs(1_900, "记录")]
    await house.posts(SECRETARY, "PUT", [(f"{one}/note", each) for each in notes], "TalkNoteIn.text")
    await house.posts(SECRETARY, "POST", [(f"{one}/end", {})])
    for words in packs(1_900, "纪要"):
        await house.posts(SECRETARY, "POST", [(f"{one}/summary", {"text": words})], "TalkSummaryIn.text")
        await writer.shows(words[:5])
    await secretary.goes(path, "纪要", "跟进记录")
    await secretary.goes("/talks", "跟进：记录")
    await house.check("what is left of the talk")
    assert set(house.taken) >= IN_TALKS
