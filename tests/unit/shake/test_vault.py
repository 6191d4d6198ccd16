"""What a session keeps to itself, and the receipts anyone can check."""

from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from server.core.errors import Unavailable
from server.shake.vault import Secrets, Vault, is_receipt, milliseconds, said_in_receipt

KEY = b"k" * 32
AT = datetime(2026, 7, 1, 12, 0, 0, 123_456, tzinfo=UTC)


def test_secrets_come_back_as_they_were_also_in_another_process() -> None:
    made = Secrets.fresh()
    sealed = Vault(KEY).seal("session", made)
    assert made.seed.hex() not in sealed
    found = Vault(KEY).open("session", sealed)
    assert (found.seed, found.names, found.receipt_key) == (made.seed, made.names, made.receipt_key)
    assert {len(found.seed), len(found.names), len(bytes.fromhex(found.receipt_key)) - 33} == {32}


@pytest.mark.parametrize(("key", "session"), [(b"x" * 32, "session"), (KEY, "another")])
def test_they_open_neither_under_another_key_nor_in_another_session(key: bytes, session: str) -> None:
    sealed = Vault(KEY).seal("session", Secrets.fresh())
    with pytest.raises(Unavailable, match="shake_sealed"):
        Vault(key).open(session, sealed)


def test_a_receipt_holds_for_what_it_says_and_nothing_else() -> None:
    made = Secrets.fresh()
    said = said_in_receipt("session", 2, "a" * 20, "b" * 16, 3, AT)
    assert said == f"hongbo shake session round 2\n{'a' * 20} {'b' * 16} 3 {milliseconds(AT)}\n"
    assert milliseconds(AT) == 1782907200123
    receipt = made.receipt(said)
    assert len(receipt) == 128
    assert is_receipt(made.receipt_key, said, receipt)
    for other in (said.replace(" 3 ", " 4 "), said.replace("round 2", "round 1"), ""):
        assert not is_receipt(made.receipt_key, other, receipt)
    assert not is_receipt(Secrets.fresh().receipt_key, said, receipt)
    assert not is_receipt(made.receipt_key, said, "00" * 64)
    # As a browser takes it: r and s side by side.
    raw, key = (
        bytes.fromhex(receipt),
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(made.receipt_key)),
    )
    signature = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    key.verify(signature, said.encode(), ec.ECDSA(hashes.SHA256()))
