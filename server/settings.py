"""The environment, read once into one frozen Settings.

A feature owns its limits (`MediaSettings`, `IdentitySettings`, …); this file gives them names in the environment. Names that
operators of any server know are bare (`DATABASE_URL`); ours carry `HONGBO_`. An unknown `HONGBO_*` name or a bad value stops
the start with one line that names it.
"""

import ipaddress
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from yarl import URL

from server.attendance import Bank, read_bank, sample_bank
from server.broadcasts import BroadcastSettings
from server.core.fanout import FanoutLimits
from server.core.files import write_once
from server.core.http.patience import ConnectionLimits
from server.core.http.peer import HttpSettings, Network
from server.core.signing import SETTING as PDF_CERT
from server.core.signing import SigningSettings
from server.core.sockets import VISITORS_OF_PUBLIC, SocketLimits
from server.identity import IdentitySettings
from server.media import IceServer, MediaSettings, read_ice_server, read_turn_url
from server.moderation import ModerationSettings
from server.notices import WebhookSettings
from server.shake import ShakeLimits
from server.talks import TalkSettings

Value = TypeVar("Value")


class SettingsError(Exception):
    """One line for the operator: which name, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Settings:
    data_dir: Path
    database_url: str
    redis_url: str | None
    secret_key: bytes = field(repr=False)
    demo: bool
    log_level: str
    log_json: bool | None
    http: HttpSettings
    identity: IdentitySettings
    media: MediaSettings
    broadcasts: BroadcastSettings
    moderation: ModerationSettings = field(default_factory=ModerationSettings)
    webhooks: WebhookSettings = field(default_factory=WebhookSettings)
    signing: SigningSettings = field(default_factory=SigningSettings)
    talks: TalkSettings = field(default_factory=TalkSettings)
    quiz_bank: Bank = field(default_factory=Bank)
    shake: ShakeLimits = field(default_factory=ShakeLimits)
    sockets: SocketLimits = field(default_factory=SocketLimits)
    fanout: FanoutLimits = field(default_factory=FanoutLimits)

    @property
    def embedded(self) -> bool:
        """SQLite in the data folder: one serving process, which migrates by itself."""
        return self.database_url.startswith("sqlite")


def load_settings(
    environment: Mapping[str, str] | None = None,
    *,
    data_dir: Path | None = None,
    port: int = 8080,
    secure: bool = False,
    demo: bool = False,
) -> Settings:
    """Read the environment; arguments of the command win over it. Makes the data folder and the secret key if absent."""
    source = _Source(os.environ if environment is None else environment)
    folder = (data_dir or source.read("DATA_DIR", Path, Path("data"))).absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise SettingsError(f"DATA_DIR: {folder} cannot be made: {error.strerror}") from error
    secret = source.read("SECRET_KEY", _secret, None) or _kept_secret(folder)
    default_url = URL.build(scheme="https" if secure else "http", host="localhost", port=port)
    allow_public = source.read("HONGBO_ALLOW_PUBLIC", _flag, False)
    base = MediaSettings(recordings_dir=folder / "recordings")
    sms_url = source.read("HONGBO_SMS_URL", _sms_url, None)
    ice_servers = source.read("ICE_SERVERS", _ice_servers, base.ice_servers)
    settings = Settings(
        data_dir=folder,
        database_url=source.read("DATABASE_URL", _database_url, f"sqlite:///{folder}/hongbo.db"),
        redis_url=source.read("REDIS_URL", _redis_url, None),
        secret_key=secret,
        demo=demo,
        log_level=source.read("HONGBO_LOG_LEVEL", _one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO"),
        log_json=source.read("HONGBO_LOG_JSON", _flag, None),
        http=HttpSettings(
            public_url=source.read("PUBLIC_URL", _web_url, default_url),
            trusted_proxies=source.read("TRUSTED_PROXIES", _networks, ()),
            metrics_token=source.read("HONGBO_METRICS_TOKEN", str, None),
            connections=ConnectionLimits(
                per_address=source.read("HONGBO_CONNECTIONS_PER_ADDRESS", _count, ConnectionLimits().per_address)
            ),
        ),
        identity=IdentitySettings(
            brand=source.read("HONGBO_BRAND", str, "立白党建"),
            public_broadcasts=allow_public,
            sms_url=sms_url,
            sms_secret=source.read("HONGBO_SMS_SECRET", _secret, b""),
            idle_limit=source.read("HONGBO_SESSION_IDLE_DAYS", _days, timedelta(days=14)),
            absolute_limit=source.read("HONGBO_SESSION_MAX_DAYS", _days, timedelta(days=60)),
        ),
        media=MediaSettings(
            recordings_dir=source.read("RECORDINGS_DIR", _folder, base.recordings_dir),
            part_target=source.read("HONGBO_PART_TARGET", _seconds(0.1, 2.0), base.part_target),
            ingest_bitrate=source.read("HONGBO_INGEST_MBIT", _megabits, base.ingest_bitrate),
            ports=source.read("MEDIA_PORTS", _port_range, base.ports),
            advertise=source.read("MEDIA_ADVERTISE", _addresses, base.advertise),
            ice_servers=ice_servers,
        ),
        broadcasts=BroadcastSettings(
            allow_public=allow_public,
            ice_servers=ice_servers,
            keep_said=source.read("HONGBO_RETENTION_DAYS", _days, BroadcastSettings().keep_said),
            said_lives_with_replay=source.read("HONGBO_KEEP_REPLAY_COMMENTS", _flag, True),
        ),
        moderation=ModerationSettings(
            reports_to_top=source.read("HONGBO_REPORTS_TO_TOP", _count, ModerationSettings().reports_to_top)
        ),
        webhooks=WebhookSettings(
            networks=source.read("HONGBO_WEBHOOK_NETWORKS", _networks, ()),
            loopback=source.read("HONGBO_WEBHOOK_LOOPBACK", _flag, False),
        ),
        signing=SigningSettings(
            certificate=source.read(PDF_CERT, _folder, None),
            password=source.read("HONGBO_PDF_CERT_PASSWORD", str.encode, None),
        ),
        talks=TalkSettings(
            keep_sealed=source.read("HONGBO_TALK_DAYS", _days, TalkSettings().keep_sealed),
            ice_servers=ice_servers,
            turn=source.read("HONGBO_TURN", _turn_urls, ()),
            turn_secret=source.read("HONGBO_TURN_SECRET", str.encode, b""),
        ),
        quiz_bank=source.read("HONGBO_QUIZ_BANK", lambda text: read_bank(Path(text)), sample_bank() if demo else Bank()),
        shake=ShakeLimits(
            answer=timedelta(seconds=source.read("HONGBO_SHAKE_ANSWER_SECONDS", _seconds(10.0, 300.0), 30.0)),
        ),
        sockets=SocketLimits(
            visitors=source.read("HONGBO_VISITORS", _count, VISITORS_OF_PUBLIC if allow_public else SocketLimits().visitors)
        ),
    )
    source.refuse_unknown()
    if sms_url is not None and not settings.identity.sms_secret:
        raise SettingsError("HONGBO_SMS_SECRET: needed with HONGBO_SMS_URL, to sign what is sent there")
    if settings.signing.password is not None and settings.signing.certificate is None:
        raise SettingsError("HONGBO_PDF_CERT: needed with HONGBO_PDF_CERT_PASSWORD")
    if bool(settings.talks.turn) != bool(settings.talks.turn_secret):
        raise SettingsError(
            "HONGBO_TURN: needs HONGBO_TURN_SECRET, the secret shared with these relays, and the other way round"
        )
    return settings


class _Source:
    """Reads named values and remembers which names exist."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._known: set[str] = set()

    def read(self, name: str, parse: Callable[[str], Value], default: Value) -> Value:
        self._known.add(name)
        text = self._environment.get(name, "").strip()
        if not text:
            return default
        try:
            return parse(text)
        except (ValueError, TypeError) as error:
            raise SettingsError(f"{name}: {error}") from error

    def refuse_unknown(self) -> None:
        for name in sorted(self._environment):
            if name.startswith("HONGBO_") and name not in self._known:
                raise SettingsError(f"{name}: no such setting (there are {', '.join(sorted(self._known))})")


def _kept_secret(folder: Path) -> bytes:
    file = folder / "secret.key"
    if not file.exists():
        write_once(file, secrets.token_hex(32).encode(), mode=0o600)  # `web` and `media` may start at the same moment
    return _secret(file.read_text().strip())


def _secret(text: str) -> bytes:
    if len(text) < 32:
        raise ValueError("must have at least 32 characters")
    return text.encode()


def _flag(text: str) -> bool:
    if text.lower() in ("1", "true", "yes", "on"):
        return True
    if text.lower() in ("0", "false", "no", "off"):
        return False
    raise ValueError("must be on or off")


def _one_of(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text.upper() not in allowed:
            raise ValueError(f"must be one of {', '.join(allowed)}")
        return text.upper()

    return parse


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError("must be a number from 1")
    return number


def _days(text: str) -> timedelta:
    days = float(text)
    if not 0 < days <= 3650:
        raise ValueError("must be a number of days from 0 to 3650")
    return timedelta(days=days)


def _seconds(least: float, most: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        seconds = float(text)
        if not least <= seconds <= most:
            raise ValueError(f"must be a number of seconds from {least} to {most}")
        return seconds

    return parse


def _megabits(text: str) -> int:
    megabits = float(text)
    if not 1 <= megabits <= 1000:
        raise ValueError("must be a number of megabits a second from 1 to 1000")
    return round(megabits * 1_000_000)


def _web_url(text: str) -> URL:
    url = URL(text)
    if url.scheme not in ("http", "https") or not url.host or url.path not in ("", "/") or url.query:
        raise ValueError("must be an origin such as https://live.example.com")
    return url.origin()


def _sms_url(text: str) -> str:
    url = URL(text)
    loopback = url.host in ("localhost", "127.0.0.1", "::1")
    if url.scheme != "https" and not (url.scheme == "http" and loopback):
        raise ValueError("must begin with https://, since numbers and codes go there")
    return str(url)


def _database_url(text: str) -> str:
    if not text.startswith(("sqlite:///", "postgresql://")):
        raise ValueError("must begin with postgresql:// or sqlite:///")
    return text


def _redis_url(text: str) -> str:
    if not text.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("must begin with redis://, rediss:// or unix://")
    return text


def _folder(text: str) -> Path:
    return Path(text).absolute()


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split(",") if word.strip())


def _ice_servers(text: str) -> tuple[IceServer, ...]:
    return tuple(read_ice_server(word) for word in _words(text))


def _turn_urls(text: str) -> tuple[str, ...]:
    return tuple(read_turn_url(word) for word in _words(text))


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(word, strict=False) for word in _words(text))


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(str(ipaddress.ip_address(word)) for word in _words(text))


def _port_range(text: str) -> tuple[int, int]:
    first, _, last = text.partition("-")
    low, high = int(first), int(last or first)
    if not 1024 <= low <= high <= 65535:
        raise ValueError("must be a range such as 40000-40100")
    return low, high
