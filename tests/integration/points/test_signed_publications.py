"""A publication as a signed PDF: its signature is valid, notices a changed byte, and says what was published."""

import asyncio
import io
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from pypdf import PdfReader

from server.core.clock import SystemClock
from server.core.errors import Conflict, Unprocessable
from server.core.paper import Paper, Press
from server.core.signing import Signer, SigningSettings, _self_signed
from server.doctor import _look_at_certificate
from server.identity import Role
from server.points import printing
from server.settings import SettingsError, load_settings
from tests.integration.broadcasts.site import Site, running_site
from tests.integration.points.test_proposals import put_in_branch
from tests.integration.points.test_publications import IN_MARCH, award, published
from tests.support.clock import ManualClock


async def validated(content: bytes) -> Any:
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import async_validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    [signature] = PdfFileReader(io.BytesIO(content)).embedded_signatures
    trusted = ValidationContext(trust_roots=[signature.signer_cert], allow_fetching=False)
    return await async_validate_pdf_signature(signature, trusted)


def certificate_of(content: bytes) -> str:
    from pyhanko.pdf_utils.reader import PdfFileReader

    [signature] = PdfFileReader(io.BytesIO(content)).embedded_signatures
    found: bytes = signature.signer_cert.sha256
    return found.hex()


async def test_what_is_taken_out_is_signed_and_says_what_was_published(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    staff, other = await site.person(Role.AFFAIRS_STAFF, name="骆知行"), await site.person(name="陈志远")
    member = await site.person(name="封书瑶")
    await put_in_branch(site, "研发党支部", other, member)
    await award(site, member, "suggestion.adopted", IN_MARCH)
    shown = await published(staff)
    address = f"/api/v1/publications/{shown['id']}"
    answer = await member.get(f"{address}/pdf")
    assert (answer.status, answer.raw[:5]) == (200, b"%PDF-"), answer.body

    status = await validated(answer.raw)
    assert (status.intact, status.valid, status.trusted) == (True, True, True), status.pretty_print_details()
    assert certificate_of(answer.raw) == shown["signature"]["fingerprint"]
    at = answer.raw.index(b"stream\n") + 20
    changed = answer.raw[:at] + bytes([answer.raw[at] ^ 1]) + answer.raw[at + 1 :]
    assert not (await validated(changed)).intact

    reader = PdfReader(io.BytesIO(answer.raw))
    words = "".join(page.extract_text() for page in reader.pages)
    assert words.index("陈志远") < words.index("封书瑶"), "in the order of names"
    flat = "".join(words.split())
    [branch] = [each for each in shown["branches"] if each["name"] == "研发党支部"]
    assert branch["hash"] in flat
    assert shown["signature"]["fingerprint"] in flat
    fields: Any = reader.get_fields()
    signature = fields["Signature"]["/V"]
    assert (signature["/SubFilter"], signature["/Reason"]) == ("/ETSI.CAdES.detached", "积分公示")

    alone = await member.get(f"{address}/pdf?branch={branch['id']}")
    assert "骆知行" not in "".join(page.extract_text() for page in PdfReader(io.BytesIO(alone.raw)).pages)
    assert (await member.get(f"{address}/pdf?branch=nowhere")).code == "branch_not_published"
    monkeypatch.setattr(printing, "MOST_PRINTED", 2)
    refused = await member.get(f"{address}/pdf")
    assert (refused.code, "按支部" in refused.body["detail"]) == ("publication_too_long", True)
    assert (await member.get(f"{address}/pdf?branch={branch['id']}")).status == 200


async def test_of_many_who_make_the_certificate_at_once_one_wins_and_it_is_kept(tmp_path: Path) -> None:
    signers = [Signer(SigningSettings(), tmp_path, SystemClock()) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        made = {each.fingerprint for each in pool.map(Signer._open, signers)}
    after_restart = await Signer(SigningSettings(), tmp_path, SystemClock()).certificate()
    assert made == {after_restart.fingerprint}
    left = await asyncio.to_thread(lambda: [each.name for each in tmp_path.iterdir()])
    assert left == ["signing.p12"], "no parts lie beside it"
    assert stat.S_IMODE((tmp_path / "signing.p12").stat().st_mode) == 0o600


def _kept_by_the_operator(folder: Path) -> Path:
    key, certificate, _ = pkcs12.load_key_and_certificates(_self_signed(datetime.now(UTC)), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    file = folder / "party.p12"
    file.write_bytes(pkcs12.serialize_key_and_certificates(b"x", key, certificate, None, BestAvailableEncryption(b"secret")))
    return file


async def test_the_operators_certificate_is_used_and_a_bad_one_stops_the_start(tmp_path: Path) -> None:
    file, data = _kept_by_the_operator(tmp_path), tmp_path / "data"
    environment = {"HONGBO_PDF_CERT": str(file), "HONGBO_PDF_CERT_PASSWORD": "secret"}
    settings = load_settings(environment, data_dir=data)
    signer = Signer(settings.signing, data, SystemClock())
    paper = Paper("公示")
    assert (await validated(await signer.sign(Press().print(paper), reason="积分公示"))).intact
    finding = await _look_at_certificate(settings)
    assert not finding.fault
    assert (await signer.certificate()).shown in finding.note
    assert not (data / "signing.p12").exists()

    wrong = environment | {"HONGBO_PDF_CERT_PASSWORD": "another"}
    finding = await _look_at_certificate(load_settings(wrong, data_dir=data))
    assert finding.fault
    with pytest.raises(Unprocessable, match=r"HONGBO_PDF_CERT: .*party\.p12"):
        async with running_site(data, wrong):
            raise AssertionError("it has started")
    with pytest.raises(SettingsError, match="HONGBO_PDF_CERT"):
        load_settings({"HONGBO_PDF_CERT_PASSWORD": "secret"}, data_dir=data)


async def test_an_expired_certificate_signs_nothing(tmp_path: Path) -> None:
    clock = ManualClock()
    signer = Signer(SigningSettings(), tmp_path, clock)
    await signer.certificate()
    clock.advance(timedelta(days=3653).total_seconds())
    with pytest.raises(Conflict, match="certificate_expired"):
        await signer.sign(Press().print(Paper("公示")), reason="积分公示")
