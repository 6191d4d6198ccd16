"""The committee changes the rules from a day to come on, having seen what that would have done; what has counted stays."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import text

from server.core.clock import SystemClock
from server.identity import Role
from server.points import LEDGER
from server.points.model import day_of
from server.points.preview import last_quarter
from tests.integration.broadcasts.site import Person, Site
from tests.integration.points.test_publications import award

RULES = "/api/v1/points/rules"


def edited(rules: dict[str, Any], code: str, **change: Any) -> dict[str, Any]:
    found = next(each for each in rules["indicators"] if each["code"] == code)
    return {name: found[name] for name in ("code", "name", "value", "caps", "trigger", "retired")} | change


async def rules_of(person: Person) -> dict[str, Any]:
    answer = await person.get(RULES)
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.body
    return found


async def test_a_change_is_tried_on_the_last_quarter_and_counts_from_a_day_to_come(site: Site) -> None:
    secretary, member = await site.person(Role.COMMITTEE_SECRETARY, name="骆知行"), await site.person()
    first, _ = last_quarter(day_of(SystemClock().now()))
    at = datetime(first.year, first.month, 8, 4, tzinfo=UTC)
    for _ in range(4):
        await award(site, member, "suggestion.adopted", at)  # 1 point each, 3 in a year
    rules = await rules_of(secretary)
    assert (rules["edits"], (await rules_of(member))["edits"], rules["versions"]) == (True, False, [])
    change = edited(rules, "J03", caps={"year": 40}, name="合理化建议")

    async def previewed(**body: Any) -> dict[str, Any]:
        answer = await secretary.post(f"{RULES}/preview", body)
        assert answer.status == 200, answer.body
        found: dict[str, Any] = answer.body
        return found

    shown = await previewed(indicators=[change])
    assert (shown["members"], shown["touched"], shown["rows"], shown["changed"]) == (1, 1, 4, 1)
    assert shown["indicators"] == [{"key": "J03", "rows": 4, "changed": 1, "before": 30, "after": 40}]
    assert (await previewed())["changed"] == 0
    narrow = await previewed(scale={**rules["scale"], "most": {**rules["scale"]["most"], "ji": 20}})
    assert {each["key"]: (each["before"], each["after"]) for each in narrow["aspects"]}["ji"] == (30, 20)
    assert (await rules_of(secretary))["versions"] == [], "nothing was written"

    earliest, today = rules["earliest"], datetime.fromisoformat(rules["earliest"]).date() - timedelta(days=1)

    async def write(since: str, *edits: dict[str, Any], reason: str = "支委会决定") -> str | None:
        answer = await secretary.post(RULES, {"indicators": list(edits), "since": since, "reason": reason})
        return answer.code if answer.status >= 400 else None

    assert await write(today.isoformat(), change) == "since_unfit"
    assert await write(earliest, change, reason=" ") == "text_empty"
    assert await write(earliest, edited(rules, "J03", value=-10)) == "value_unfit"
    assert await write(earliest, edited(rules, "J03", caps={"year": -1})) == "cap_unfit"
    assert await write(earliest, edited(rules, "J03")) == "nothing_changed"
    assert await write(earliest, change | {"code": "X99"}) == "indicator_unknown"
    assert (await member.post(RULES, {"since": earliest, "reason": "x"})).code == "role_needed"
    assert await write(earliest, change) is None

    after = await rules_of(member)
    assert edited(after, "J03") == edited(rules, "J03"), "today it counts as it did"
    (version,) = after["versions"]
    assert (version["code"], version["since"], version["by"]) == ("J03", earliest, "骆知行")
    assert (version["before"]["caps"], version["after"]["caps"]) == ({"year": 30}, {"year": 40})
    replaced = edited(rules, "J03", caps={"year": 50}, name="合理化建议")
    assert await write(earliest, replaced) is None, "what has not counted yet may be written anew"
    assert [each["after"]["caps"] for each in (await rules_of(member))["versions"]] == [{"year": 50}]
    assert await site.server.app[LEDGER].names()
    async with site.database.reading() as session:
        count = await session.scalar(text("SELECT count(*) FROM audit WHERE act = 'rule.written' AND target_id = 'J03'"))
    assert count == 2, "with both versions each"
