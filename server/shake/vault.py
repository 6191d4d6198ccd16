"""What a session keeps to itself: its seed until the end, the key of its pseudonyms and that of its receipts for ever.

They lie in the database sealed, are opened once by each process, and are in no journal; the seed is when the session closes.
A receipt is a signature (ECDSA, P-256, SHA-256; r and s of 32 bytes each, as WebCrypto takes it) over what a member was told:
whoever is missing from the list can prove that they were on it.
"""

import secrets
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic_core import from_json, to_json

from ..core.errors import Unavailable
from ..core.sealed import Box
from .draw import SECRET_BYTES, heading

_REMEMBERED = 200
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ALGORITHM = ec.ECDSA(hashes.SHA256())


@dataclass(frozen=True, slots=True)
class Secrets:
    """`names`: the key of the pseudonyms; `receipts`: the private key of the receipts."""

    seed: bytes
    names: bytes
    receipts: ec.EllipticCurvePrivateKey

    @classmethod
    def fresh(cls) -> "Secrets":
        return cls(
            secrets.token_bytes(SECRET_BYTES), secrets.token_bytes(SECRET_BYTES), ec.generate_private_key(ec.SECP256R1())
        )

    @property
    def receipt_key(self) -> str:
        """The public key, as an uncompressed point (SEC 1, 65 bytes) in hex."""
        return self.receipts.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex()

    def receipt(self, said: str) -> str:
        r, s = decode_dss_signature(self.receipts.sign(said.encode(), _ALGORITHM))
        return (r.to_bytes(32) + s.to_bytes(32)).hex()


class Vault:
    """Seals and opens the secrets of sessions."""

    def __init__(self, secret: bytes) -> None:
        self._box = Box(secret, "shake secrets v1")
        self._open: OrderedDict[str, Secrets] = OrderedDict()

    def seal(self, shake_id: str, kept: Secrets) -> str:
        scalar = kept.receipts.private_numbers().private_value
        values = {"seed": kept.seed.hex(), "names": kept.names.hex(), "receipts": f"{scalar:064x}"}
        return self._box.seal(to_json(values).decode(), shake_id)

    def open(self, shake_id: str, sealed: str) -> Secrets:
        """Raise Unavailable `shake_sealed` where the server has another SECRET_KEY now."""
        if (known := self._open.get(shake_id)) is not None:
            return known
        text = self._box.open(sealed, shake_id)
        if text is None:
            raise Unavailable("shake_sealed", "服务器密钥已更换，这场摇一摇无法继续，请联系系统管理员")
        values: Mapping[str, str] = from_json(text)
        key = ec.derive_private_key(int(values["receipts"], 16), ec.SECP256R1())
        found = Secrets(bytes.fromhex(values["seed"]), bytes.fromhex(values["names"]), key)
        self._open[shake_id] = found
        if len(self._open) > _REMEMBERED:
            self._open.popitem(last=False)
        return found


def milliseconds(at: datetime) -> int:
    """Since the epoch, whole ones, as receipts say them."""
    return (at - _EPOCH) // timedelta(milliseconds=1)


def said_in_receipt(shake_id: str, number: int, pseudonym: str, nonce: str, weight: int, at: datetime) -> str:
    """What a receipt signs."""
    return f"{heading(shake_id, number)}{pseudonym} {nonce} {weight} {milliseconds(at)}\n"


def is_receipt(receipt_key: str, said: str, receipt: str) -> bool:
    """Whether the session that published this key has signed so."""
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes.fromhex(receipt_key))
        raw = bytes.fromhex(receipt)
        key.verify(encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:])), said.encode(), _ALGORITHM)
    except (InvalidSignature, ValueError):
        return False
    return True
