"""Codes by text message. The company behind them is the operator's choice, so this speaks to an address of the operator's.

One POST with JSON `{mobile, code, minutes}`, signed: `Hongbo-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">`.
A 2xx means that the message is on its way. There are no retries: whoever waits for a code asks again. Without an address nobody
can be verified; the demo shows the code instead of sending it.
"""

import hmac
import json
from typing import Protocol

import aiohttp
import structlog

from ..core.clock import Clock
from ..core.errors import Unavailable

log = structlog.get_logger(__name__)

_PATIENCE = aiohttp.ClientTimeout(total=8)


class Sms(Protocol):
    async def send(self, mobile: str, code: str, minutes: int) -> str | None:
        """Give the code only where it may be shown to whoever asked for it. Raise Unavailable `sms_unavailable`."""
        ...


class NoSms:
    async def send(self, mobile: str, code: str, minutes: int) -> str | None:
        raise _unavailable("本站未开通短信验证，暂时不能以访客身份发言")


class ShownSms:
    """For the demo, whose members' password is public too."""

    async def send(self, mobile: str, code: str, minutes: int) -> str | None:
        return code


class WebhookSms:
    def __init__(self, url: str, secret: bytes, clock: Clock) -> None:
        self._url, self._secret, self._clock = url, secret, clock

    async def send(self, mobile: str, code: str, minutes: int) -> str | None:
        body = json.dumps({"mobile": mobile, "code": code, "minutes": minutes}).encode()
        stamp = str(int(self._clock.now().timestamp()))
        signature = hmac.digest(self._secret, f"{stamp}.".encode() + body, "sha256").hex()
        headers = {"Content-Type": "application/json", "Hongbo-Signature": f"t={stamp},v1={signature}"}
        try:
            async with (
                aiohttp.ClientSession(timeout=_PATIENCE) as http,
                http.post(self._url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                if 200 <= answer.status < 300:
                    return None
                reason = str(answer.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            reason = type(error).__name__
        log.error("sms_not_sent", reason=reason)
        raise _unavailable("短信暂时发不出去，请稍后再试")


def _unavailable(words: str) -> Unavailable:
    return Unavailable("sms_unavailable", words, retry_after=60)
