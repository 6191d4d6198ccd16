"""The proof of a large session on a phone: what the server's formula drew, the page draws again, in little time."""

import hashlib
import json
import secrets
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from playwright.async_api import Page, Route, expect

from server.core.ids import new_id
from server.shake.draw import Ticket, commitment, heading, lines, place, session_code
from tests.support.browsing import phone, running_browser
from tests.support.serving import Serving
from tests.support.watching import sign_in

pytestmark = pytest.mark.browser
MEMBER = "10000000010"
TICKETS, DRAWS, FAVOUR = 100_000, 40, 3
AT, AT_MS = "2026-07-01T12:00:01.234Z", 1_782_907_201_234


def a_session() -> tuple[dict[str, Any], str, dict[str, Any]]:
    """A closed session as the server publishes it, the text of its one list, and one member's own part."""
    shake_id, seed, nonce, key = (
        new_id(),
        secrets.token_bytes(32),
        secrets.token_bytes(32),
        ec.generate_private_key(ec.SECP256R1()),
    )
    names = sorted({secrets.token_hex(10) for _ in range(TICKETS)})
    tickets = [Ticket(name, secrets.token_hex(8), FAVOUR if number % 2 else 1) for number, name in enumerate(names)]
    text = heading(shake_id, 1) + lines(tickets)
    hashed = hashlib.sha256(text.encode()).digest()
    holders = [each.pseudonym for each in tickets for _ in range(each.weight)]
    drawn = [holders[place(seed, hashed, nonce, n, len(holders))] for n in range(1, DRAWS + 1)]
    results = ["drawn_before" if name in drawn[:at] else "declined" for at, name in enumerate(drawn)]
    results[0] = "withdrawn"
    secretary = {"id": new_id(), "name": "苏映川"}
    mine = tickets[4999]
    said = f"hongbo shake {shake_id} round 1\n{mine.pseudonym} {mine.nonce} {mine.weight} {AT_MS}\n"
    r, s = decode_dss_signature(key.sign(said.encode(), ec.ECDSA(hashes.SHA256())))
    receipt = (r.to_bytes(32) + s.to_bytes(32)).hex()
    round_ = {
        "number": 1,
        "by": secretary,
        "state": "revealed",
        "nonce_commitment": commitment(nonce),
        "nonce": nonce.hex(),
        "opened_at": AT,
        "closes_at": AT,
        "size": len(tickets),
        "total_weight": len(holders),
        "list_hash": hashed.hex(),
        "list": None,
        "list_url": "",
    }
    proof = {
        "id": shake_id,
        "title": "十万人的摇一摇",
        "state": "closed",
        "seed_commitment": commitment(seed),
        "seed": seed.hex(),
        "favour": FAVOUR,
        "receipt_key": key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex(),
        "rules": {
            "version": 1,
            "grace_ms": 2000,
            "answer_seconds": 30,
            "reveal_seconds": 90,
            "exclusion_days": 90,
            "favour": FAVOUR,
            "most_withdrawn": 3,
        },
        "rounds": [round_],
        "draws": [
            {
                "round": 1,
                "n": n,
                "pseudonym": name,
                "result": result,
                "secretary": None if result == "drawn_before" else secretary,
            }
            for n, (name, result) in enumerate(zip(drawn, results, strict=True), 1)
        ],
    }
    ticket = {"round": 1, "pseudonym": mine.pseudonym, "nonce": mine.nonce, "weight": mine.weight, "at": AT, "receipt": receipt}
    own = {"rounds": [ticket], "offer": None, "talk": None, "eligible": True, "why_not": None, "words": None, "from": None}
    return proof, text, own


async def published(page: Page, proof: dict[str, Any], text: str, own: dict[str, Any]) -> None:
    """What a server would answer that has had such a session."""

    async def answer(route: Route) -> None:
        kind = route.request.url.rsplit("/", 1)[1]
        if kind == "list":
            await route.fulfill(body=text, content_type="text/plain; charset=utf-8")
        else:
            await route.fulfill(body=json.dumps(proof if kind == "proof" else own), content_type="application/json")

    await page.context.route(f"**/api/v1/shakes/{proof['id']}/**", answer)


async def test_a_phone_draws_again_what_a_hundred_thousand_tickets_gave(serving: Serving) -> None:
    proof, text, own = a_session()
    async with running_browser() as browser, phone(browser) as member:
        await sign_in(member, serving.url, MEMBER)
        await published(member, proof, text, own)
        await member.goto(f"{serving.url}/shakes/{proof['id']}/proof")
        await expect(member.get_by_text("验算全部一致")).to_be_visible(timeout=30_000)
        await expect(member.get_by_text(f"{DRAWS} 次抽取都与公式相同")).to_be_visible()
        await expect(member.get_by_text(f"您在名单的第 5000 位（共 {TICKETS} 人），回执有效")).to_be_visible()
        code = session_code(
            proof["id"],
            [proof[name] for name in ("seed_commitment", "receipt_key", "favour", "seed")],
            [[each[name] for name in ("number", "nonce_commitment", "list_hash", "nonce")] for each in proof["rounds"]],
            [
                [each["round"], each["n"], each["pseudonym"], each["result"], each["secretary"] and each["secretary"]["id"]]
                for each in proof["draws"]
            ],
        )
        await expect(member.get_by_text(" ".join(code[at : at + 4] for at in range(0, 16, 4)), exact=True)).to_be_visible()
        await expect(member.get_by_role("region", name="书记撤回的邀请").get_by_text("1 次", exact=True)).to_be_visible()
        took = float(await member.locator("[data-took]").get_attribute("data-took") or "nan")
        print(f"recomputed in {took:.0f} ms")  # noqa: T201  # shown with a test that fails, and on demand
        assert took < 3000, "ms, without the network"

        # One draw that the formula did not give is found among them all.
        draws = proof["draws"]
        draws[7]["pseudonym"] = next(
            line[:20] for line in text.split("\n")[1:] if all(line[:20] != each["pseudonym"] for each in draws)
        )
        await member.get_by_role("button", name="重新验算").click()
        await expect(member.get_by_text("有对不上的地方")).to_be_visible(timeout=30_000)
        await expect(member.get_by_text(f"{DRAWS} 次抽取中有 1 次对不上")).to_be_visible()
