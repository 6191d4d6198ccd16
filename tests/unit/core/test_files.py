"""Files that must survive a crash, and those that several processes want to make at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from server.core.files import write_atomically, write_once


def test_of_many_who_make_a_file_at_once_one_wins_and_nothing_else_is_left(tmp_path: Path) -> None:
    texts = [str(number).encode() * 1000 for number in range(20)]
    for round_ in range(10):
        file = tmp_path / f"key {round_}"
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda text, file=file: write_once(file, text, mode=0o600), texts))
        assert file.read_bytes() in texts
        assert file.stat().st_mode & 0o777 == 0o600
    assert {path.name for path in tmp_path.iterdir()} == {f"key {round_}" for round_ in range(10)}


def test_what_is_there_is_replaced_whole_or_left(tmp_path: Path) -> None:
    file = tmp_path / "file"
    write_once(file, b"first")
    write_once(file, b"second")
    assert file.read_bytes() == b"first"
    write_atomically(file, b"third")
    assert file.read_bytes() == b"third"
