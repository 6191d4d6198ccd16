import ipaddress

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from yarl import URL

from server.core.http.peer import HTTP_SETTINGS, HttpSettings, client_address, is_loopback_host, is_secure, network_of

PROXY = ipaddress.ip_network("127.0.0.1/32")


def request_with(headers: dict[str, str], *, trusted: bool) -> web.Request:
    app = web.Application()
    app[HTTP_SETTINGS] = HttpSettings(trusted_proxies=(PROXY,) if trusted else ())
    app.freeze()
    request = make_mocked_request("GET", "/", headers=headers, app=app)
    return request.clone(remote="127.0.0.1")


@pytest.mark.parametrize(
    ("forwarded", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("198.51.100.1, 203.0.113.9", "203.0.113.9"),  # what the client itself sent stands further left
        ("203.0.113.9, 127.0.0.1", "203.0.113.9"),
        ("nonsense", "127.0.0.1"),
        ("203.0.113.9, nonsense", "127.0.0.1"),
    ],
)
def test_a_trusted_proxy_names_the_caller(forwarded: str, address: str) -> None:
    headers = {"X-Forwarded-For": forwarded, "X-Forwarded-Proto": "https"}
    request = request_with(headers, trusted=True)
    assert client_address(request) == address
    assert is_secure(request)
    # The same headers from anybody else are ignored (ASVS 4.1.3).
    stranger = request_with(headers, trusted=False)
    assert client_address(stranger) == "127.0.0.1"
    assert not is_secure(stranger)


def test_a_local_public_url_allows_its_loopback_twins_only() -> None:
    assert HttpSettings(public_url=URL("http://localhost:8080")).origins == {"http://localhost:8080", "http://127.0.0.1:8080"}
    assert HttpSettings(public_url=URL("https://live.example.com")).origins == {"https://live.example.com"}


@pytest.mark.parametrize("host", ["[", "a:b:c", "a:99999", ""])
def test_a_host_that_makes_no_sense_is_no_loopback_name(host: str) -> None:
    assert not is_loopback_host(request_with({"Host": host}, trusted=False))


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("local", "local"),
    ],
)
def test_an_ipv6_subscriber_is_one_address(address: str, network: str) -> None:
    assert network_of(address) == network
