"""No text that can be written is forgotten by the hostile texts."""

from pathlib import Path

from server.app import ENDPOINTS, build
from server.settings import load_settings
from tests.support.hostile_fields import COVERED, NOT_SHOWN, text_fields


def test_every_text_that_can_be_written_is_put_through_or_named_as_shown_nowhere(tmp_path: Path) -> None:
    endpoints = build(load_settings({}, data_dir=tmp_path))[ENDPOINTS]
    fields = text_fields(endpoints)
    assert not COVERED & set(NOT_SHOWN)
    assert fields == COVERED | set(NOT_SHOWN)
