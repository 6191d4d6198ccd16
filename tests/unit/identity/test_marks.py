import pytest

from server.identity.devices import UNKNOWN, device_of
from server.identity.marks import Marks

marks = Marks(b"one secret of this test, long enough")


def test_a_device_mark_counts_for_its_member_only() -> None:
    mark = marks.new_device("member-1")
    nonce = marks.device_nonce(mark, "member-1")
    assert nonce
    assert mark.startswith(nonce)
    assert marks.device_nonce(mark, "member-2") is None
    assert Marks(b"another secret").device_nonce(mark, "member-1") is None
    for forged in (None, "", ".", nonce, f"{nonce}.", f"x{mark}", mark[:-1], f".{mark.partition('.')[2]}", "ü.ü"):
        assert marks.device_nonce(forged, "member-1") is None


def test_every_kind_of_value_has_its_own_key() -> None:
    values = {
        marks.csrf("x"),
        marks.account_key("x"),
        marks.device_key("x"),
        marks.address_key("x"),
        marks.activation_key("x", ""),
    }
    assert len(values) == 5
    assert all(len(value) == 64 for value in values)
    assert marks.activation_key("1", "23") != marks.activation_key("12", "3")


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit MicroMessenger/8.0.40", "iPhone · 微信"),
        ("Mozilla/5.0 (Linux; Android 14; K) AppleWebKit Chrome/126.0 Mobile Safari/537.36", "安卓 · Chrome"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/126.0 Safari/537.36 Edg/126.0", "Windows · Edge"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15) Version/17 Safari/605", "Mac · Safari"),
        ("Mozilla/5.0 (Phone; OpenHarmony 5.0) ArkWeb wxwork/4.1", "鸿蒙 · 企业微信"),
        ("curl/8", UNKNOWN),
        ("", UNKNOWN),
        ("<script>" * 1000, UNKNOWN),
    ],
)
def test_a_user_agent_becomes_a_few_words_of_ours(agent: str, device: str) -> None:
    assert device_of(agent) == device
