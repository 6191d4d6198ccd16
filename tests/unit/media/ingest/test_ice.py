from server.media.ingest.ice import choose_addresses

LAN = ["192.168.1.5", "fd00::5"]


def test_every_address_is_bound_where_nothing_is_said() -> None:
    assert choose_addresses((), LAN) == (LAN, [])


def test_a_machine_without_a_network_still_serves_itself() -> None:
    assert choose_addresses((), []) == (["127.0.0.1"], [])


def test_loopback_alone_on_a_loopback_deployment() -> None:
    assert choose_addresses(("127.0.0.1",), LAN) == (["127.0.0.1"], [])


def test_one_of_our_own_addresses_is_bound_alone() -> None:
    assert choose_addresses(("192.168.1.5",), LAN) == (["192.168.1.5"], [])


def test_an_address_in_front_of_us_stands_for_those_we_have() -> None:
    assert choose_addresses(("203.0.113.7",), LAN) == (LAN, ["203.0.113.7"])
    assert choose_addresses(("203.0.113.7", "192.168.1.5"), LAN) == (["192.168.1.5"], ["203.0.113.7"])
