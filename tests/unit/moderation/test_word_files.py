"""Lists as files: what is read, what is at fault and on which line, and that what is written can be read again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import Invalid
from server.core.texts import tidied
from server.moderation.word_files import as_csv, as_text, fault_of, read


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_words_are_read_one_a_line_in_either_encoding(encoding: str) -> None:
    file = read("# 广告\n加微信\r\n\n 领 红包 \n加微信\n".encode(encoding))
    assert (file.words, file.faults, file.repeated) == (("加微信", "领 红包"), (), 1)


def test_of_a_table_the_first_column_counts() -> None:
    assert read('词语,说明\n"加,微信",广告\n红包,\n'.encode()).words == ("加,微信", "红包")


def test_faults_name_their_lines() -> None:
    file = read("好词\n！！！\na\n{}\n".format("长" * 41).encode())
    assert [(fault.line, fault.message) for fault in file.faults] == [
        (2, "没有文字，只有标点或符号"),
        (3, "单个字母或数字会误伤太多内容"),
        (4, "超过 40 个字"),
    ]
    assert file.words == ("好词",)


def test_what_is_no_text_at_all_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        read(b"\xff\xfe\xff\xff")
    assert refused.value.code == "encoding_unknown"


def test_no_cell_is_a_formula() -> None:
    assert b"\n'=cmd" in as_csv(["=cmd|calc"])
    assert read(as_csv(["=cmd|calc", "-加微信", "@某人"])).words == ("=cmd|calc", "-加微信", "@某人")


WORDS = st.lists(
    st.text(max_size=40).map(tidied).filter(lambda word: fault_of(word) is None and word[:1] not in ("#", "'", '"')),
    unique=True,
).filter(lambda words: words[:1] != ["词语"])


@given(WORDS)
def test_what_is_written_is_read_again(words: list[str]) -> None:
    assert list(read(as_csv(words)).words) == words
    plain = [word for word in words if "," not in word]
    assert list(read(as_text(plain)).words) == plain
