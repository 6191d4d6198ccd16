"""Reads the whole ledger and says what is wrong with it. It shares no code with `server.points`: rules, sums, windows and
hashes are made here once more, from the tables and from indicators.json alone."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from server.core.db import Database

RULES = json.loads((Path(__file__).parents[3] / "server" / "points" / "indicators.json").read_text())
VALUES = {each["code"]: round(each["value"] * 10) for each in RULES["indicators"]}
CAPS = {
    each["code"]: {name: round(cap * 10) for name, cap in each["cap"].items() if cap is not None}
    for each in RULES["indicators"]
}
KINDS = {each["code"]: each["kind"] for each in RULES["indicators"]}
ASPECT_OF = {each["code"]: each["aspect"] for each in RULES["indicators"]}
ASPECTS = {name: cap * 10 for name, cap in RULES["meta"]["aspect_add_cap"].items()}
Row = dict[str, Any]


async def faults_of(database: Database, acknowledged: Collection[tuple[str, str]] = ()) -> list[str]:
    """What is wrong; `acknowledged` are the members and sources whose credits were answered."""
    async with database.snapshot() as session:
        rows = [dict(each._mapping) for each in await session.execute(text("SELECT * FROM ledger ORDER BY id"))]
        balances = [dict(each._mapping) for each in await session.execute(text("SELECT * FROM point_balances"))]
        ends = [dict(each._mapping) for each in await session.execute(text("SELECT * FROM ledger_chains"))]
    return [*_causes(rows, acknowledged), *_amounts(rows), *_balances(rows, balances), *_chains(rows, ends)]


def _causes(rows: list[Row], acknowledged: Collection[tuple[str, str]]) -> Iterator[str]:
    counted = Counter((row["member_id"], row["source"]) for row in rows)
    for cause, number in counted.items():
        if number > 1:
            yield f"{cause} has {number} rows"
    lost = [each for each in acknowledged if each not in counted]
    if lost:
        yield f"{len(lost)} acknowledged credits are lost, among them {lost[0]}"
    by_id = {row["id"]: row for row in rows}
    reversed_ = Counter(row["reverses"] for row in rows if row["reverses"])
    for original, number in reversed_.items():
        if number > 1 or original not in by_id or by_id[original]["reverses"]:
            yield f"row {original} is reversed {number} times, or is no row that can be"


def _amounts(rows: list[Row]) -> Iterator[str]:
    """Each as the caps left it when its turn came."""
    windows: dict[tuple[str, str, str, str], int] = defaultdict(int)
    aspects: dict[tuple[str, int, str], int] = defaultdict(int)
    by_id = {row["id"]: row for row in rows}
    for row in rows:
        day = _day(row["day"])
        code, kind = row["indicator"], row["kind"]
        if kind != KINDS[code] or row["aspect"] != ASPECT_OF[code] or row["year"] != day.year:
            yield f"row {row['id']} is not of its indicator's kind, aspect or year"
        places = {name: (row["member_id"], code, name, _window(name, day)) for name in CAPS[code]}
        aspect = (row["member_id"], day.year, row["aspect"])
        if row["reverses"]:
            expected = -by_id[row["reverses"]]["amount"]
        elif kind == "veto":
            expected = 0
        elif kind == "award":
            left = [CAPS[code][name] - windows[place] for name, place in places.items()]
            expected = max(0, min([VALUES[code], ASPECTS[row["aspect"]] - aspects[aspect], *left]))
        else:
            left = [CAPS[code][name] - windows[place] for name, place in places.items()]
            expected = min(0, max([VALUES[code], *left]))
        if row["amount"] != expected:
            yield f"row {row['id']} ({code}) has {row['amount']}, not {expected}"
        for place in places.values():
            windows[place] += row["amount"]
        if kind == "award":
            aspects[aspect] += row["amount"]


def _balances(rows: list[Row], balances: list[Row]) -> Iterator[str]:
    sums: dict[tuple[str, int, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in rows:
        place = sums[row["member_id"], row["year"], row["aspect"]]
        if row["kind"] == "veto":
            place[2] += -1 if row["reverses"] else 1
        else:
            place[row["kind"] == "deduct"] += row["amount"]
    for balance in balances:
        key = balance["member_id"], balance["year"], balance["aspect"]
        held = [balance["awarded"], balance["deducted"], balance["vetoes"]]
        if sums.pop(key, [0, 0, 0]) != held:
            yield f"the balance {key} is {held}"
        if balance["awarded"] > ASPECTS[balance["aspect"]]:
            yield f"the balance {key} is above its aspect's bound"
    if sums:
        yield f"{len(sums)} balances are missing"


def _chains(rows: list[Row], ends: list[Row]) -> Iterator[str]:
    sealed: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row["number"] is not None:
            sealed[row["branch_id"]].append(row)
    for end in ends:
        before = "0" * 64
        chain = sorted(sealed.pop(end["branch_id"], []), key=lambda row: row["number"])
        for number, row in enumerate(chain, 1):
            if row["number"] != number or row["hash"] != (before := _hash(row, number, before)):
                yield f"row {number} of the chain of {end['branch_id']} does not follow"
                break
        if (end["number"], end["hash"]) != (len(chain), before):
            yield f"the chain of {end['branch_id']} has another end"
    if sealed:
        yield "rows are sealed in chains that have no end"


def _hash(row: Row, number: int, before: str) -> str:
    said = {
        "id": row["id"],
        "member": row["member_id"],
        "branch": row["branch_id"],
        "indicator": row["indicator"],
        "aspect": row["aspect"],
        "kind": row["kind"],
        "source": row["source"],
        "day": _day(row["day"]).isoformat(),
        "full": row["full"],
        "amount": row["amount"],
        "at": _moment(row["at"]),
        "recorded_at": _moment(row["recorded_at"]),
        **{name: row[name] for name in ("reverses", "by", "reviewer", "title", "link", "reason")},
    }
    content = json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()
    return hashlib.sha256(f"{number}\n{before}\n".encode() + content).hexdigest()


def _moment(micros: int) -> str:
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=micros)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _window(name: str, day: date) -> str:
    return {
        "day": day.isoformat(),
        "month": day.isoformat()[:7],
        "quarter": f"{day.year}-{(day.month + 2) // 3}",
        "year": str(day.year),
    }[name]
