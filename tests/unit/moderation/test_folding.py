"""What is written in disguise is found, and where it stands; what is innocent is let pass."""

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.moderation.folding import runs, searched
from server.moderation.lexicon import Lexicon
from server.moderation.lookalikes import SAME
from server.moderation.model import Action, Hit, Outcome, WordList, judged

REFUSE, HOLD, MARK = (WordList(action.value, action.value, action) for action in Action)


def found(word: str, text: str, *, words: WordList = REFUSE) -> list[str]:
    """What of the text was found, as it stands there."""
    return [text[hit.start : hit.end] for hit in Lexicon([(words, [word])]).hits(text)]


@pytest.mark.parametrize(
    ("word", "text", "there"),
    [
        ("加微信", "请加微信聊", "加微信"),
        ("加微信", "请加 微 信聊", "加 微 信"),
        ("加微信", "请加-微_信~聊", "加-微_信"),
        ("加微信", "请加🌹微🌹信聊", "加🌹微🌹信"),
        ("加微信", "请加\u200d微\ufe0f信聊", "加\u200d微\ufe0f信"),
        ("加微信", "请加加微微信信聊", "加加微微信信"),
        ("法轮", "法輪大法", "法輪"),
        ("法輪", "法轮大法", "法轮"),
        ("台湾", "臺灣", "臺灣"),
        ("badword", "ＢａｄＷｏｒｄ", "ＢａｄＷｏｒｄ"),
        ("badword", "b a d w o r d", "b a d w o r d"),
        ("badword", "𝓫𝓪𝓭𝔀𝓸𝓻𝓭", "𝓫𝓪𝓭𝔀𝓸𝓻𝓭"),
        ("badword", "ⓑⓐⓓⓦⓞⓡⓓ", "ⓑⓐⓓⓦⓞⓡⓓ"),
        ("badword", "bаdwоrd", "bаdwоrd"),  # Cyrillic а and о
        ("badword", "b4dw0rd", "b4dw0rd"),
        ("badword", "báďwôrd", "báďwôrd"),
        ("badword", "baaadword", "baaadword"),
        ("badword", "mybadwords", "badword"),
        ("13800138000", "电话１３８-0013-８０００", "１３８-0013-８０００"),
        ("vx", "加VX：123", "VX"),
        ("vx", "看tv vx聊", "v vx"),
        ("㈱", "株", "株"),
    ],
)
def test_a_disguised_word_is_found_where_it_stands(word: str, text: str, there: str) -> None:
    assert found(word, text) == [there]


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("ass", "class"), ("ass", "assistant"), ("ass", "as signed"), ("vx", "vxi"),
        ("哈哈", "哈"), ("aa", "a"), ("110", "llo"), ("110", "1 0"), ("微信", "微型信号"), ("ail", "ali"),
    ],
)  # fmt: skip
def test_what_only_reminds_of_it_is_let_pass(word: str, text: str) -> None:
    assert found(word, text) == []


def test_two_sentences_that_meet_refuse_nobody_and_are_looked_at() -> None:
    lexicon = Lexicon([(REFUSE, ["台湾"]), (MARK, ["湾区"])])
    hits = lexicon.hits("去了前台，湾区很美")
    assert [(hit.word, hit.action) for hit in hits] == [("台湾", Action.HOLD), ("湾区", Action.MARK)]
    assert judged(hits, pre_moderated=False, trusted=False).outcome is Outcome.HOLD


def test_the_gravest_list_decides_and_those_who_keep_the_room_are_only_refused() -> None:
    lexicon = Lexicon([(REFUSE, ["坏"]), (HOLD, ["疑"]), (MARK, ["记"])])

    def outcome(text: str, **more: bool) -> Outcome:
        return judged(lexicon.hits(text), **{"pre_moderated": False, "trusted": False, **more}).outcome

    assert [outcome(text) for text in ("好", "记", "疑记", "坏疑记")] == ["pass", "pass", "hold", "refuse"]
    assert [outcome(text, pre_moderated=True) for text in ("好", "坏")] == ["hold", "refuse"]
    assert [outcome(text, pre_moderated=True, trusted=True) for text in ("好", "疑", "坏")] == ["pass", "pass", "refuse"]


def test_overlapping_words_of_several_lists_are_all_told() -> None:
    lexicon = Lexicon([(REFUSE, ["加微信"]), (HOLD, ["微信", "微信号"])])
    assert [(hit.word, hit.start, hit.end) for hit in lexicon.hits("加微信号")] == [
        ("加微信", 0, 3),
        ("微信号", 1, 4),
        ("微信", 1, 3),
    ]


def test_every_look_alike_is_folded_to_what_it_is_taken_for() -> None:
    for like, plain in SAME.items():
        assert like != plain
        assert searched(like) == searched(plain), f"{like} ({unicodedata.name(like)})"


TEXTS = st.text(max_size=80)
WORDS = st.lists(st.text(st.characters(categories=("L", "N")), min_size=1, max_size=6), min_size=1, max_size=5)


@given(TEXTS)
def test_the_search_and_the_runs_tell_the_same_of_any_text(text: str) -> None:
    folded = runs(text)
    assert len(searched(text)) == len(folded)
    for run in folded:
        assert 0 <= run.start < run.end <= len(text)
        assert run.count >= 1
    assert all(before.start <= after.start for before, after in itertools.pairwise(folded))


@given(TEXTS)
def test_folding_a_folded_text_changes_nothing(text: str) -> None:
    plain = "".join(run.plain for run in runs(text))
    assert "".join(run.plain for run in runs(plain)) == plain


@given(WORDS, TEXTS, TEXTS)
def test_a_word_that_stands_alone_is_always_found_and_within_the_text(words: list[str], before: str, after: str) -> None:
    lexicon = Lexicon([(HOLD, words)])
    text = f"{before} | {words[0]} | {after}"
    hits = lexicon.hits(text)
    assert all(0 <= hit.start < hit.end <= len(text) for hit in hits)
    if searched(words[0]):
        start = len(before) + 3
        assert any(hit.start <= start and hit.end >= start + len(words[0]) for hit in hits if hit.word == words[0])


@given(st.lists(st.sampled_from(["加", "微", "信"]), max_size=12), st.sampled_from([" ", "-", "🌹", "\u200d", "　"]))
def test_fillers_hide_nothing(letters: list[str], filler: str) -> None:
    lexicon = Lexicon([(REFUSE, ["加微信"])])
    assert bool(lexicon.hits("".join(letters))) == bool(lexicon.hits(filler.join(letters)))


def test_an_empty_lexicon_finds_nothing() -> None:
    assert Lexicon().hits("什么都可以说") == []
    assert Lexicon([(REFUSE, [])]).hits("什么都可以说") == []
    assert isinstance(Lexicon([(REFUSE, ["x"])]).hits("x"), list)
    assert Hit("a", "b", "c", Action.MARK, 0, 1).wire() == {"list": "b", "word": "c", "action": "mark", "start": 0, "end": 1}
