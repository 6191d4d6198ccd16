"""The file a question bank is read from, and what is drawn from it."""

import json
from pathlib import Path
from typing import Any

import pytest

from server.attendance import read_bank, sample_bank
from server.settings import SettingsError, load_settings

GOOD: dict[str, Any] = {
    "stem": "哪一年？",
    "options": {"A": "1921年", "B": "1922年"},
    "answer": "A",
    "review_status": "approved",
}


def written(folder: Path, *questions: dict[str, Any]) -> Path:
    path = folder / "bank.json"
    path.write_text(json.dumps({"questions": [{"id": f"Q{number}", **each} for number, each in enumerate(questions)]}))
    return path


def test_what_an_editor_has_approved_is_asked_and_nothing_else(tmp_path: Path) -> None:
    waits = {**GOOD, "review_status": "needs_editor_review"}
    bank = read_bank(written(tmp_path, *[GOOD] * 6, waits))
    assert bank.offers
    assert {each.id for each in bank.draw(10, (), lambda: 0.0)} == {f"Q{number}" for number in range(6)}
    others = bank.draw(3, {"Q0", "Q1", "Q2"}, lambda: 0.99)
    assert {each.id for each in others} == {"Q3", "Q4", "Q5"}
    assert len(bank.draw(3, {f"Q{number}" for number in range(5)}, lambda: 0.5)) == 3, "rather known ones than none"


def test_a_bank_that_is_none_stops_the_start_with_its_reason(tmp_path: Path) -> None:
    cases = {
        "approved questions": [GOOD] * 5,
        "none of its options": [*[GOOD] * 6, {**GOOD, "answer": "C"}],
        "no question bank": [*[GOOD] * 6, {**GOOD, "options": {}}],
    }
    for reason, questions in cases.items():
        with pytest.raises(SettingsError, match=rf"HONGBO_QUIZ_BANK: .*{reason}"):
            load_settings({"HONGBO_QUIZ_BANK": str(written(tmp_path, *questions))}, data_dir=tmp_path)
    with pytest.raises(SettingsError, match=r"HONGBO_QUIZ_BANK: .*cannot be read"):
        load_settings({"HONGBO_QUIZ_BANK": str(tmp_path / "nothing.json")}, data_dir=tmp_path)


def test_the_sample_is_for_demonstrations_alone(tmp_path: Path) -> None:
    assert sample_bank().offers
    assert load_settings({}, data_dir=tmp_path, demo=True).quiz_bank.offers
    assert not load_settings({}, data_dir=tmp_path).quiz_bank.offers
