"""Somebody who sits between one page of a talk and the server, and knows all that the pages do: he agrees on keys with each of
them, in the name of the other. Only the code tells."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.async_api import Page, WebSocketRoute

_CURVE = ec.SECP256R1()


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def _decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Between:
    """The page he sits before is the second one: the other side has said hello first."""

    talk: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(_CURVE))
    heard: dict[str, bytes] = field(default_factory=dict)
    swapped: int = 0

    @property
    def _public(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def _proof(self, of: str, other: bytes, commitment: bytes, first: bytes, second: bytes) -> bytes:
        secret = self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, other))
        salt = hashlib.sha256(f"hongbo talk {self.talk} 1".encode() + commitment + first + second).digest()
        return HKDF(hashes.SHA256(), 16, salt, f"proof of {of}".encode()).derive(secret)

    def to_server(self, step: str, data: str) -> str:
        """What the page says, as the other one is to hear it."""
        if step in ("hello", "commit"):
            return data
        self.swapped += 1
        if step == "reveal_second":
            self.heard["member"] = _decoded(data)
            return _encoded(self._public)
        first, commitment = self.heard["secretary"], self.heard["commitment"]
        return _encoded(self._proof("second", first, commitment, first, self._public))

    def to_page(self, step: str, data: str) -> str:
        """What the other one says, as the page is to hear it."""
        if step == "hello":
            return data
        if step == "commit":
            self.heard["commitment"] = _decoded(data)
            return _encoded(hashlib.sha256(self._public).digest())
        if step == "reveal_first":
            self.heard["secretary"] = _decoded(data)
            return _encoded(self._public)
        second, commitment = self.heard["member"], hashlib.sha256(self._public).digest()
        return _encoded(self._proof("first", second, commitment, self._public, second))

    async def sit_before(self, page: Page) -> None:
        await page.route_web_socket(re.compile("/socket.io/"), self._route)

    def _route(self, socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()
        socket.on_message(lambda message: server.send(self._changed(message, self._said)))
        server.on_message(lambda message: socket.send(self._changed(message, self._told)))

    def _changed(self, message: str | bytes, change: Any) -> str | bytes:
        found = re.match(r"(4[23]\d*)(\[.*)", message, re.DOTALL) if isinstance(message, str) else None
        if found is None or ("talk.key" not in found[2] and "steps" not in found[2]):
            return message
        return found[1] + json.dumps(change(json.loads(found[2])), ensure_ascii=False)

    def _said(self, packet: list[Any]) -> list[Any]:
        if packet[0] == "talk.key":
            packet[1]["data"] = self.to_server(packet[1]["step"], packet[1]["data"])
        return packet

    def _told(self, packet: list[Any]) -> list[Any]:
        told = packet[1] if packet[0] == "entries" else packet[0]
        steps = [each["data"] for each in told.get("entries", []) if each["type"] == "talk.key"]
        steps += told.get("snapshot", {}).get("keys", {}).get("steps", [])
        for data in steps:
            if data["side"] == "secretary":
                data["data"] = self.to_page(data["step"], data["data"])
        return packet
