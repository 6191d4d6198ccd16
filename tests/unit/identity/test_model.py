import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.errors import Conflict, Forbidden
from server.identity.model import (
    Member,
    MemberState,
    Role,
    Status,
    check_administrator_remains,
    check_may_act_on_account,
    check_may_grant,
    has_control,
    mobile_tail,
    normalise_line,
    normalise_mobile,
    normalise_password,
    password_fault,
    state_of,
)


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13800138000", "13800138000"),
        (" 138 0013 8000 ", "13800138000"),
        ("138-0013-8000", "13800138000"),
        ("+86 138 0013 8000", "13800138000"),
        ("+8613800138000", "13800138000"),
        ("008613800138000", "13800138000"),
        ("8613800138000", "13800138000"),
        ("(+86)13800138000", "13800138000"),
        ("１３８００１３８０００", "13800138000"),
        ("10000000001", "10000000001"),  # the demo's invented numbers
        ("15000000861", "15000000861"),  # digits that look like a prefix, in the middle
        ("10086100861", "10086100861"),
        ("1380013800", None),
        ("138001380001", None),
        ("23800138000", None),
        ("+1 3800138000", None),
        ("8623800138000", None),
        ("1380013800x", None),
        ("١٣٨٠٠١٣٨٠٠٠", None),
        ("", None),
    ],
)
def test_mobiles_are_eleven_digits_however_typed(typed: str, number: str | None) -> None:
    assert normalise_mobile(typed) == number


@given(st.from_regex(r"1[0-9]{10}", fullmatch=True))
def test_every_plain_number_stays_itself(number: str) -> None:
    assert normalise_mobile(number) == number
    assert normalise_mobile(f"+86{number}") == number
    assert normalise_mobile(f"86 {number[:3]} {number[3:7]} {number[7:]}") == number


@given(st.text())
def test_any_text_is_a_number_or_none(text: str) -> None:
    number = normalise_mobile(text)
    assert number is None or (len(number) == 11 and number.isascii() and number.isdigit())


def test_the_tail_is_what_one_recognises() -> None:
    assert mobile_tail("13800138123") == "8123"


@pytest.mark.parametrize(
    "password",
    ["demo-hongbo", "赤诚之心为人民服务到底", "correct horse", "🐎🐎🐮🐮🐑🐑🐔🐔🐖🐗", "a1!a1!b2?b2?", " leading space"],
)
def test_any_unicode_of_ten_characters_is_welcome(password: str) -> None:
    assert password_fault(password, mobile="13800138000") is None


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("ninechars", "至少"),
        ("九个字的密码不够长", "至少"),
        ("x" * 129, "最多"),
        ("ab13800138000", "手机号"),
        ("ａｂ１３８００１３８０００", "手机号"),
        ("qwertyuiop", "常见"),
        ("QWERTYuiop", "常见"),
        ("password123", "常见"),
        ("ｐａｓｓｗｏｒｄ１２３", "常见"),
        ("1234567890", "常见"),
        ("0123456789", "常见"),
        ("9876543210", "常见"),
        ("abcdefghijklm", "常见"),
        ("aaaaaaaaaaaa", "常见"),
        ("ababababab", "常见"),
        ("woaini1314520", "常见"),
    ],
)
def test_what_is_guessed_first_is_refused(password: str, word: str) -> None:
    fault = password_fault(password, mobile="13800138000")
    assert fault is not None
    assert word in fault


def test_passwords_are_compared_after_nfkc() -> None:
    assert normalise_password("ｐａｓｓ　ｗｏｒｄ") == "pass word"
    assert normalise_password("e\u0301") == "é"


@given(st.text(max_size=200))
def test_judging_a_password_never_fails(text: str) -> None:
    fault = password_fault(text, mobile="13800138000")
    assert fault is None or fault


def test_lines_are_trimmed_and_controls_are_seen() -> None:
    assert normalise_line("  林 \t 晓\n") == "林 晓"
    assert not has_control("阿卜杜拉·买买提 🐎")
    assert not has_control("𠮷\U00031350\ue000")  # the last two: younger than Python 3.11, and private
    for hidden in ("a\x00b", "a\x1bb", "a\u202eb", "a\u200bb", "a\u2066b"):
        assert has_control(hidden)


def test_rights_over_accounts_follow_from_held_roles() -> None:
    check_may_act_on_account({Role.ADMINISTRATOR}, {Role.COMMITTEE_SECRETARY})
    check_may_act_on_account({Role.AFFAIRS_STAFF, Role.MODERATOR}, {Role.AFFAIRS_STAFF})
    check_may_act_on_account({Role.AFFAIRS_STAFF}, set())
    with pytest.raises(Forbidden, match="account_protected"):
        check_may_act_on_account({Role.AFFAIRS_STAFF}, {Role.BRANCH_SECRETARY})
    check_may_grant({Role.ADMINISTRATOR})
    with pytest.raises(Forbidden, match="role_needed"):
        check_may_grant(set(Role) - {Role.ADMINISTRATOR})


def test_the_last_administrator_is_kept() -> None:
    check_administrator_remains({"a", "b"}, "a")
    check_administrator_remains({"a"}, "b")
    with pytest.raises(Conflict, match="last_administrator"):
        check_administrator_remains({"a"}, "a")


def test_every_code_has_a_chinese_label() -> None:
    for code in (*Role, *Status, *MemberState):
        assert code.label
        assert not code.label.isascii()


def test_states_follow_from_the_account() -> None:
    assert state_of(has_password=True, disabled=False) is MemberState.ACTIVE
    assert state_of(has_password=False, disabled=False) is MemberState.INVITED
    assert state_of(has_password=True, disabled=True) is MemberState.DISABLED


def test_a_member_knows_roles_and_party_membership() -> None:
    member = Member("i", "林晓", None, None, Status.EMPLOYEE, frozenset({Role.RED_HOST}), "s")
    assert member.has(Role.MODERATOR, Role.RED_HOST)
    assert not member.has(Role.MODERATOR)
    assert not member.is_party_member
