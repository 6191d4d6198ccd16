"""Signs PDF documents: PAdES B-B (ETSI EN 319 142-1), by pyHanko.

The certificate is the operator's (PKCS#12), or one that signs itself: made when it is first needed, kept in the data folder,
and worth as much as its fingerprint is known. No time-stamping server is asked, so a signature says who and what, not when.
What has expired signs nothing. See docs/decisions/0505-signed-publications.md.
"""

import asyncio
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12
from cryptography.x509.oid import NameOID

from .clock import Clock
from .errors import Conflict, Unprocessable
from .files import write_once

log = structlog.get_logger(__name__)

SETTING = "HONGBO_PDF_CERT"
_OWN = "signing.p12"
_FIELD = "Signature"
_NAME = "Hongbo"
_YEARS = timedelta(days=3652)
_SLACK = timedelta(days=1)  # clocks of readers may be behind ours


@dataclass(frozen=True, slots=True)
class SigningSettings:
    """A PKCS#12 file and its password; without one, a certificate is made."""

    certificate: Path | None = None
    password: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Certificate:
    """`fingerprint`: SHA-256 of the certificate, in hexadecimal."""

    fingerprint: str
    self_signed: bool
    until: datetime
    content: bytes = field(repr=False)
    password: bytes | None = field(repr=False)

    @property
    def shown(self) -> str:
        """The fingerprint in groups that can be compared by eye."""
        return " ".join(self.fingerprint[at : at + 4] for at in range(0, len(self.fingerprint), 4))


class Signer:
    def __init__(self, settings: SigningSettings, data_dir: Path, clock: Clock) -> None:
        self._settings, self._clock = settings, clock
        self._file = settings.certificate or data_dir / _OWN
        self._lock = threading.Lock()
        self._certificate: Certificate | None = None

    async def certificate(self) -> Certificate:
        """Made if there is none yet. Raise Unprocessable `certificate_unreadable`, with one line for the operator."""
        found = self._certificate
        return found if found is not None else await asyncio.to_thread(self._open)

    async def check(self) -> Certificate | None:
        """As `certificate`, and None where it is yet to be made: for those who only look."""
        if self._settings.certificate is None and not self._file.exists():
            return None
        return await self.certificate()

    def expired(self, certificate: Certificate) -> bool:
        return self._clock.now() > certificate.until

    async def sign(self, pdf: bytes, *, reason: str) -> bytes:
        """Raise Conflict `certificate_expired`, and as `certificate`."""
        certificate = await self.certificate()
        if self.expired(certificate):
            raise Conflict("certificate_expired", "签名证书已过期，请联系系统管理员更换")
        return await asyncio.to_thread(_signed, pdf, certificate, reason)

    def _open(self) -> Certificate:
        with self._lock:
            found = self._certificate
            if found is None:
                if self._settings.certificate is None and not self._file.exists():
                    # Several processes may come here at once: one of them makes it, and all read what is there.
                    write_once(self._file, _self_signed(self._clock.now()), mode=0o600)
                    log.info("signing_certificate_made", file=str(self._file))
                found = self._certificate = self._read()
            return found

    def _read(self) -> Certificate:
        where = SETTING if self._settings.certificate else str(self._file)
        try:
            content = self._file.read_bytes()
        except OSError as error:
            raise Unprocessable("certificate_unreadable", f"{where}: {self._file}: {error.strerror}") from error
        try:
            key, certificate, _ = pkcs12.load_key_and_certificates(content, self._settings.password)
        except (ValueError, TypeError) as error:
            words = f"{where}: {self._file} is no PKCS#12 file that opens with this password"
            raise Unprocessable("certificate_unreadable", words) from error
        if key is None or certificate is None or key.public_key() != certificate.public_key():
            raise Unprocessable("certificate_unreadable", f"{where}: {self._file} must hold a certificate and its private key")
        return Certificate(
            fingerprint=certificate.fingerprint(hashes.SHA256()).hex(),
            self_signed=certificate.issuer == certificate.subject,
            until=certificate.not_valid_after_utc,
            content=content,
            password=self._settings.password,
        )


def _self_signed(now: datetime) -> bytes:
    """RSA, for there are readers of PDF that know nothing else."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)])
    usage = dict.fromkeys(
        (
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SLACK)
        .not_valid_after(now + _YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=True, content_commitment=True, **usage), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return pkcs12.serialize_key_and_certificates(_NAME.encode(), key, certificate, None, NoEncryption())


def _signed(pdf: bytes, certificate: Certificate, reason: str) -> bytes:
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import fields, signers

    signer: Any = signers.SimpleSigner.load_pkcs12_data(certificate.content, [], certificate.password)
    about = signers.PdfSignatureMetadata(
        field_name=_FIELD, reason=reason, subfilter=fields.SigSeedSubFilter.PADES, md_algorithm="sha256"
    )
    written = BytesIO()
    signers.sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), about, signer, output=written)
    return written.getvalue()
