import pytest
from hypothesis import given
from hypothesis import strategies as some

from server.core.errors import Invalid
from server.polls.model import Results, choices_of, counted, options_in, planned

THREE = ("上午", "下午", "晚上")


@pytest.mark.parametrize(
    ("question", "options", "most", "code"),
    [
        ("  ", THREE, 1, "text_empty"),
        ("问" * 121, THREE, 1, "text_too_long"),
        ("几点？", ("上午",), 1, "options_invalid"),
        ("几点？", tuple(str(number) for number in range(9)), 1, "options_invalid"),
        ("几点？", ("上午", " "), 1, "text_empty"),
        ("几点？", ("上午", "字" * 61), 1, "text_too_long"),
        ("几点？", ("上午", " 上午 "), 1, "options_invalid"),
        ("几点？", THREE, 0, "most_invalid"),
        ("几点？", THREE, 4, "most_invalid"),
    ],
)
def test_a_poll_that_cannot_be_is_refused_in_words(question: str, options: tuple[str, ...], most: int, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        planned(question, options, most=most)
    assert refused.value.code == code
    assert refused.value.detail


def test_texts_are_kept_as_everything_that_people_write() -> None:
    plan = planned(" 几点\n合适？ ", ["上午\u202e", "下午"], results=Results.VOTED)
    assert (plan.question, plan.options) == ("几点 合适？", ("上午", "下午"))


@pytest.mark.parametrize("options", [[], [3], [-1], [0, 0], [0, 1]])
def test_a_vote_names_options_that_there_are_once_and_no_more_than_allowed(options: list[int]) -> None:
    with pytest.raises(Invalid):
        choices_of(planned("几点？", THREE), options)


@given(some.lists(some.sets(some.integers(0, 7), min_size=1), max_size=60))
def test_every_vote_is_counted_for_each_of_its_options(votes: list[set[int]]) -> None:
    plan = planned("选几项", [str(number) for number in range(8)], most=8)
    combinations: dict[int, int] = {}
    for vote in votes:
        choices = choices_of(plan, sorted(vote))
        assert options_in(choices) == sorted(vote)
        combinations[choices] = combinations.get(choices, 0) + 1
    tally = counted(plan, combinations)
    assert tally.counts == tuple(sum(place in vote for vote in votes) for place in range(8))
    assert tally.voters == len(votes)
