"""Which addresses a webhook may go to."""

import ipaddress

import pytest

from server.core.errors import Invalid
from server.notices.addresses import CheckedResolver, Refused, checked_url, is_allowed
from server.notices.settings import WebhookSettings

PUBLIC = WebhookSettings()
INSIDE = [
    "0.0.0.0",  # noqa: S104  # nothing is bound
    "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.1.2.3", "169.254.169.254",
    "169.254.0.23", "172.16.0.1", "172.31.255.254", "192.0.0.192", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.51.100.1",
    "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255", "168.63.129.16", "::", "::1", "::127.0.0.1",
    "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "64:ff9b:1::1", "fe80::1", "fe80::1%eth0", "fc00::1",
    "fd00:ec2::254", "ff02::1", "2001:db8::1", "2001::1", "2002:7f00:1::", "2002:808:808::", "fec0::1", "nothing", "127.1",
    "2130706433",
]  # fmt: skip
OUTSIDE = [
    "1.1.1.1", "8.8.8.8", "93.184.216.34", "119.29.29.29", "2606:4700:4700::1111", "2400:3200::1",
]  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_what_is_not_public_is_refused(address: str) -> None:
    assert not is_allowed(address, PUBLIC)


@pytest.mark.parametrize("address", OUTSIDE)
def test_what_is_public_is_allowed(address: str) -> None:
    assert is_allowed(address, PUBLIC)


def test_the_operator_may_allow_a_network_of_the_house_and_nothing_beside_it() -> None:
    own = WebhookSettings(networks=(ipaddress.ip_network("10.1.2.0/24"),))
    assert is_allowed("10.1.2.3", own)
    assert not is_allowed("10.1.3.3", own)
    assert not is_allowed("127.0.0.1", own)
    assert is_allowed("127.0.0.1", WebhookSettings(loopback=True))
    assert not is_allowed("::ffff:127.0.0.1", WebhookSettings(loopback=True))


@pytest.mark.parametrize(
    "url",
    [
        "http://points.example/",
        "https:///",
        "points.example",
        "https://user:word@points.example/",
        "https://points.example/#a",
        "https://10.0.0.1/",
        "https://[::1]/",
        "https://points.example:99999/",
        "file:///etc/passwd",
        "gopher://points.example/",
    ],
)
def test_an_address_that_is_no_https_address_outside_is_refused(url: str) -> None:
    with pytest.raises(Invalid, match="url_unfit"):
        checked_url(url, PUBLIC)


def test_an_https_address_is_kept_as_it_is_sent() -> None:
    assert checked_url(" https://积分.example/hook?x=1 ", PUBLIC) == "https://xn--kbrv68g.example/hook?x=1"
    with pytest.raises(Invalid, match="url_unfit"):
        checked_url("https://points.example/" + "x" * 400, PUBLIC)


async def test_all_addresses_of_a_name_are_checked_and_those_alone_are_dialled() -> None:
    answers = {
        "two.example": ["1.1.1.1", "2606:4700:4700::1111", "1.1.1.1"],
        "mixed.example": ["1.1.1.1", "10.0.0.1"],
        "none.example": [],
    }

    async def lookup(host: str, port: int) -> list[str]:
        return answers[host]

    resolver = CheckedResolver(lookup, PUBLIC)
    assert [each["host"] for each in await resolver.resolve("two.example", 443)] == ["1.1.1.1", "2606:4700:4700::1111"]
    for name in ("mixed.example", "none.example"):
        with pytest.raises(Refused):
            await resolver.resolve(name, 443)
