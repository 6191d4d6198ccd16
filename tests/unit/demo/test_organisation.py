"""What the sample file says, as the rest of the server will see it."""

from collections import Counter
from datetime import UTC, datetime

from server.demo.organisation import as_roster, load_sample
from server.identity import Role, Status

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # ten in the morning in Guangzhou


def test_the_people_of_the_sample() -> None:
    sample = load_sample()
    assert len(sample.cities) == 8
    assert Counter(person.status for person in sample.people) == {
        Status.FULL: 46,
        Status.PROBATIONARY: 3,
        Status.RETIRED: 2,
        Status.EMPLOYEE: 4,
    }
    assert len({person.mobile for person in sample.people}) == 55
    # No operator hands out numbers that begin with 100, so nobody's real one is in here.
    assert all(person.mobile.startswith("100") for person in sample.people)
    administrators = [person for person in sample.people if Role.ADMINISTRATOR in person.roles]
    assert [(person.ref, Role.AFFAIRS_STAFF in person.roles) for person in administrators] == [("M004", True)]
    hosts = [person.ref for person in sample.people if Role.RED_HOST in person.roles]
    assert hosts == ["M006", "M013", "M033"]


def test_broadcasts_lie_ahead_of_the_day_of_the_start() -> None:
    sample = load_sample()
    first, second = sample.broadcasts(NOW)
    assert first.starts_at == datetime(2026, 11, 25, 2, 0, tzinfo=UTC)
    assert (first.minutes, first.visibility, first.comment_mode) == (50, "employees", "post_moderated")
    assert second.starts_at == datetime(2026, 11, 29, 8, 0, tzinfo=UTC)
    assert (second.visibility, second.comment_mode) == ("members", "pre_moderated")
    assert second.host_mobile == "10000000006"


def test_the_day_is_the_organisations_own() -> None:
    just_after_midnight_there = datetime(2026, 11, 23, 16, 30, tzinfo=UTC)
    assert load_sample().broadcasts(just_after_midnight_there)[0].starts_at.day == 26


def test_as_a_roster_it_has_a_line_for_everybody() -> None:
    lines = as_roster(load_sample()).decode("utf-8-sig").splitlines()
    assert len(lines) == 56
    assert lines[4] == "M004,祝以宁,10000000004,总部机关党支部,广州,正式党员,专职党务干部、组织委员、管理员"
    assert lines[-1] == "E04,车听雨,10090000004,,,非党员职工,"
