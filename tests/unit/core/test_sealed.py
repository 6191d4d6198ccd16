"""A sealed text opens under its key, in its place, unchanged, and nowhere else."""

from server.core.sealed import Box

SECRET = b"a secret of this test alone, 32+"


def test_it_opens_where_it_belongs_and_nowhere_else() -> None:
    box = Box(SECRET, "test v1")
    sealed = box.seal("机密 whsec_x", "row 1")
    assert box.open(sealed, "row 1") == "机密 whsec_x"
    assert "whsec" not in sealed
    assert sealed != box.seal("机密 whsec_x", "row 1")
    for other in (
        box.open(sealed, "row 2"),
        Box(SECRET, "test v2").open(sealed, "row 1"),
        Box(b"another secret of this test, 32+", "test v1").open(sealed, "row 1"),
        box.open(sealed[:-4] + "AAA=", "row 1"),
        box.open("", "row 1"),
        box.open("不是", "row 1"),
    ):
        assert other is None
