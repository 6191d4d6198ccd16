"""What a query string asks of a playlist."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import Invalid
from server.media.hls.directives import Directives, read_directives


@pytest.mark.parametrize(
    ("query", "meant"),
    [
        ("", Directives()),
        ("_HLS_msn=7", Directives(msn=7)),
        ("_HLS_msn=7&_HLS_part=0", Directives(msn=7, part=0)),
        ("_HLS_skip=YES", Directives(skip=True)),
        ("_HLS_skip=v2&_HLS_msn=1", Directives(msn=1, skip=True, skip_dates=True)),
        ("x=1&token=a%26b&_HLS_msn=3", Directives(msn=3, query="?token=a%26b")),
        ("token=first&token=second", Directives(query="?token=first")),
        ("_HLS_push=1&_HLS_unheard_of=x", Directives()),
        ("from=timeline&isappinstalled=0&" + "a" * 1900, Directives()),
        ("token", Directives()),
        ("token=", Directives()),
        ('token=a"b', Directives()),
        ("token=" + "a" * 257, Directives()),
    ],
)
def test_directives_are_read_and_the_ticket_is_kept(query: str, meant: Directives) -> None:
    assert read_directives(query) == meant


@pytest.mark.parametrize(
    "query", ["_HLS_part=1", "_HLS_msn=+1", "_HLS_msn=1 ", "_HLS_msn=٣", "_HLS_skip=yes", "a=" + "b" * 3000]
)
def test_what_cannot_be_meant_is_refused(query: str) -> None:
    with pytest.raises(Invalid):
        read_directives(query)


@given(st.text(max_size=200))
def test_no_query_can_break_out_of_a_quoted_uri(query: str) -> None:
    try:
        kept = read_directives(query).query
    except Invalid:
        return
    assert '"' not in kept
    assert len(kept) <= 263
