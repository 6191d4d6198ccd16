"""Files of a publication and of one's own ledger: in the order of names, for who may take them out, safe from formulas."""

import csv
import io

import openpyxl
import pytest
from sqlalchemy import text

from server.core.spreadsheets import csv_file
from server.identity import Role
from tests.integration.broadcasts.site import Answer, Site
from tests.integration.points.test_proposals import put_in_branch
from tests.integration.points.test_publications import IN_MARCH, LAST_YEAR, award, published


def lines(answer: Answer) -> list[list[str]]:
    assert answer.status == 200, answer.body
    assert answer.raw.startswith(b"\xef\xbb\xbf"), "by which Excel knows the characters"
    return list(csv.reader(io.StringIO(answer.raw.decode("utf-8-sig"))))


def sheet(answer: Answer) -> list[list[object]]:
    assert answer.status == 200, answer.body
    book = openpyxl.load_workbook(io.BytesIO(answer.raw))
    try:
        return [list(row) for row in book.worksheets[0].iter_rows(values_only=True)]
    finally:
        book.close()


async def test_a_publication_is_taken_out_by_who_answers_for_it_and_ones_own_ledger_by_oneself(site: Site) -> None:
    staff, member = await site.person(Role.AFFAIRS_STAFF, name="骆知行"), await site.person(name="=HYPERLINK(1)")
    secretary = await site.person(Role.BRANCH_SECRETARY, name="陈志远")
    await put_in_branch(site, "研发党支部", secretary, member)
    await award(site, member, "suggestion.adopted", IN_MARCH)
    address = f"/api/v1/publications/{(await published(staff))['id']}"
    assert (await member.get(f"{address}/members.csv")).code == "role_needed"
    _, *rows = lines(await staff.get(f"{address}/members.csv"))
    assert [row[1] for row in rows if row[0] == "研发党支部"] == ["'=HYPERLINK(1)", "陈志远"]
    assert {row[1]: row[9] for row in rows}["'=HYPERLINK(1)"] == "61.0"
    own = sheet(await secretary.get(f"{address}/members.xlsx"))
    assert [row[1] for row in own] == ["姓名", "=HYPERLINK(1)", "陈志远"], "the own branch alone"
    assert own[1][9] == 61
    async with site.database.reading() as session:
        query = text("SELECT count(*) FROM audit WHERE act = 'publication.exported'")
        assert await session.scalar(query) == 2

    ledger = sheet(await member.get(f"/api/v1/me/points.xlsx?year={LAST_YEAR}"))
    assert [row[:5] for row in ledger[1:]] == [[f"{LAST_YEAR}-03-08", "一件事", "合理化建议被采纳", "绩", 1]]
    assert len(lines(await secretary.get(f"/api/v1/me/points.csv?year={LAST_YEAR}"))) == 1, "the headings alone"


@pytest.mark.parametrize("given", ["=1", "  =1", "\u3000＝1", "＋1", "－1", "＠x", "-1", "@x", "+1", "\t=1", "\tx", "\u00a0=1"])
def test_what_a_spreadsheet_program_might_take_for_a_formula_begins_with_an_apostrophe(given: str) -> None:
    assert csv_file(["名"], [[given]]).decode("utf-8-sig").splitlines()[1].lstrip('"').startswith("'")


def test_numbers_and_plain_words_stay_what_they_are() -> None:
    content = csv_file(["名", "分"], [["李雷-韩梅", -2.5], ["1=1", None]]).decode("utf-8-sig")
    assert content.splitlines() == ["名,分", "李雷-韩梅,-2.5", "1=1,"]
