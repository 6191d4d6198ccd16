from pathlib import Path

import pytest
from yarl import URL

from server.media import IceServer
from server.settings import SettingsError, load_settings


def test_an_empty_environment_is_a_working_one(tmp_path: Path) -> None:
    settings = load_settings({}, data_dir=tmp_path, port=9000)
    assert settings.embedded
    assert settings.database_url == f"sqlite:///{tmp_path}/hongbo.db"
    assert settings.http.public_url == URL("http://localhost:9000")
    assert not settings.broadcasts.allow_public
    assert settings.media.recordings_dir == tmp_path / "recordings"


def test_the_secret_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    first = load_settings({}, data_dir=tmp_path).secret_key
    assert first == load_settings({}, data_dir=tmp_path).secret_key
    assert len(first) >= 32
    assert (tmp_path / "secret.key").stat().st_mode & 0o077 == 0
    assert first.decode() not in repr(load_settings({}, data_dir=tmp_path))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HONGBO_NO_SUCH_THING", "1"),
        ("HONGBO_PART_TARGET", "fast"),
        ("HONGBO_PART_TARGET", "9"),
        ("HONGBO_INGEST_MBIT", "0"),
        ("HONGBO_INGEST_MBIT", "much"),
        ("HONGBO_ALLOW_PUBLIC", "maybe"),
        ("HONGBO_CONNECTIONS_PER_ADDRESS", "0"),
        ("HONGBO_VISITORS", "many"),
        ("PUBLIC_URL", "live.example.com"),
        ("PUBLIC_URL", "https://live.example.com/path"),
        ("DATABASE_URL", "mysql://localhost/x"),
        ("REDIS_URL", "localhost:6379"),
        ("SECRET_KEY", "short"),
        ("TRUSTED_PROXIES", "everybody"),
        ("MEDIA_PORTS", "80-90"),
        ("MEDIA_PORTS", "40100-40000"),
        ("MEDIA_ADVERTISE", "live.example.com"),
        ("ICE_SERVERS", "stun:stun.example.com,turn.example.com"),
        ("ICE_SERVERS", "turn:turn.example.com"),
        ("ICE_SERVERS", "turn:user:sec%0d%0aret@turn.example.com"),
        ("ICE_SERVERS", "turn:user:secret@host?transport=smoke"),
        ("HONGBO_SESSION_IDLE_DAYS", "0"),
        ("HONGBO_TALK_DAYS", "for ever"),
        ("HONGBO_TURN", "turn:relay.example.com"),
        ("HONGBO_TURN", "stun:relay.example.com"),
    ],
)
def test_a_bad_value_or_an_unknown_name_stops_the_start_and_is_named(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}: ") as refusal:
        load_settings({name: value}, data_dir=tmp_path)
    assert "\n" not in str(refusal.value)


def test_visitors_have_few_sockets_unless_broadcasts_may_be_public(tmp_path: Path) -> None:
    assert load_settings({}, data_dir=tmp_path).sockets.visitors == 100
    assert load_settings({"HONGBO_ALLOW_PUBLIC": "on"}, data_dir=tmp_path).sockets.visitors == 10_000
    assert load_settings({"HONGBO_VISITORS": "7"}, data_dir=tmp_path).sockets.visitors == 7


def test_relays_that_share_a_secret_are_kept_apart_from_those_with_a_password(tmp_path: Path) -> None:
    environment = {"HONGBO_TURN": "turn:a.example.com, turns:b.example.com:443?transport=tcp", "HONGBO_TURN_SECRET": "shared"}
    settings = load_settings(environment | {"ICE_SERVERS": "stun:stun.example.com"}, data_dir=tmp_path)
    assert settings.talks.turn == ("turn:a.example.com", "turns:b.example.com:443?transport=tcp")
    assert settings.talks.ice_servers == settings.media.ice_servers == (IceServer("stun:stun.example.com"),)
    assert "shared" not in repr(settings)
    with pytest.raises(SettingsError, match=r"^HONGBO_TURN: "):
        load_settings({"HONGBO_TURN_SECRET": "shared"}, data_dir=tmp_path)


def test_good_values_arrive_typed(tmp_path: Path) -> None:
    environment = {
        "PUBLIC_URL": "https://live.example.com/",
        "MEDIA_PORTS": "40000-40100",
        "MEDIA_ADVERTISE": "203.0.113.7, 2001:db8::7",
        "TRUSTED_PROXIES": "127.0.0.1,::1,10.0.0.0/8",
        "HONGBO_ALLOW_PUBLIC": "on",
        "HONGBO_PART_TARGET": "0.25",
        "HONGBO_INGEST_MBIT": "7.5",
        "DATABASE_URL": "postgresql://hongbo@db/hongbo",
        "ICE_SERVERS": "stun:stun.example.com:3478, turns:host%40hall:p%3Aw@[2001:db8::7]:443?transport=tcp",
    }
    settings = load_settings(environment, data_dir=tmp_path)
    assert settings.http.origins == {"https://live.example.com"}
    assert settings.media.ports == (40000, 40100)
    assert settings.media.advertise == ("203.0.113.7", "2001:db8::7")
    assert len(settings.http.trusted_proxies) == 3
    assert settings.broadcasts.allow_public
    assert settings.identity.public_broadcasts
    assert settings.media.part_target == 0.25
    relay = IceServer("turns:[2001:db8::7]:443?transport=tcp", "host@hall", "p:w")
    assert settings.media.ice_servers == settings.broadcasts.ice_servers == (IceServer("stun:stun.example.com:3478"), relay)
    assert "p:w" not in repr(settings)
    assert settings.media.ingest_bitrate == 7_500_000
    assert not settings.embedded
