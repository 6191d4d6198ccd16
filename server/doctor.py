"""What `hongbo doctor` looks at: versions, folders, database, audit, ledger, files of talks, recordings. It only
reads, and works beside a running server."""

import asyncio
import os
import platform
import shutil
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from aiohttp import http_parser

from server import __version__
from server.conversations import FOLDER as TALK_FILES
from server.conversations import examine as examine_talk_files
from server.core.audit import Audit
from server.core.clock import SystemClock
from server.core.db import Database
from server.core.errors import AppError
from server.core.signing import Signer
from server.media import examine_recordings
from server.migrations import check_schema
from server.points import examine as examine_ledger
from server.settings import Settings

LOW_DISK = 0.1  # share of free space below which it is a fault


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor's: what was looked at, whether it is at fault, and the words."""

    subject: str
    fault: bool
    note: str


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """What `hongbo doctor` says, a line for each thing; it only reads, and works beside a running server."""
    yield Finding(
        "version", False, f"Hongbo {__version__}, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    )
    yield Finding("parser", not _has_c_parser(), "aiohttp parses in C" if _has_c_parser() else "aiohttp's C parser is missing")
    yield Finding("address", False, f"{settings.http.public_url}; proxies trusted: {len(settings.http.trusted_proxies)}")
    for name, folder in (("data", settings.data_dir), ("recordings", settings.media.recordings_dir)):
        yield _look_at_folder(name, folder)
    yield await _look_at_database(settings)
    yield await _look_at_audit(settings)
    yield await _look_at_ledger(settings)
    yield await _look_at_talk_files(settings)
    yield await _look_at_certificate(settings)
    async for finding in _look_at_recordings(settings.media.recordings_dir):
        yield finding


def _look_at_folder(name: str, folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder)
    except OSError as error:
        return Finding(name, True, f"{folder}: {error.strerror}")
    if not os.access(folder, os.W_OK):
        return Finding(name, True, f"{folder}: cannot be written")
    share = free.free / free.total
    return Finding(name, share < LOW_DISK, f"{folder}: {free.free / 1e9:.1f} GB free ({share:.0%})")


async def _look_at_database(settings: Settings) -> Finding:
    database = Database(settings.database_url)
    try:
        await database.ping()
        await check_schema(database)
    except AppError as error:
        return Finding("database", True, error.detail)
    except Exception as error:  # noqa: BLE001  # whatever it is, the operator wants the words, not a traceback
        return Finding("database", True, f"cannot be read: {type(error).__name__}")
    finally:
        await database.close()
    return Finding("database", False, f"{database.url.get_backend_name()}, schema up to date")


async def _look_at_audit(settings: Settings) -> Finding:
    database = Database(settings.database_url)
    try:
        audit = Audit(database, SystemClock())
        faults = [fault async for fault in audit.examine()]
        rows, newest = await audit.end()
    except Exception as error:  # noqa: BLE001  # as above; what is wrong with the database was said there
        return Finding("audit", True, f"cannot be read: {type(error).__name__}")
    finally:
        await database.close()
    return Finding(
        "audit", bool(faults), "; ".join(faults) or f"{rows} rows follow from one another; the newest hash is {newest}"
    )


async def _look_at_ledger(settings: Settings) -> Finding:
    database = Database(settings.database_url)
    try:
        faults = [fault async for fault in examine_ledger(database, SystemClock())]
    except Exception as error:  # noqa: BLE001  # as above
        return Finding("ledger", True, f"cannot be read: {type(error).__name__}")
    finally:
        await database.close()
    return Finding(
        "ledger", bool(faults), "; ".join(faults) or "every chain follows from its beginning, every balance from its rows"
    )


async def _look_at_talk_files(settings: Settings) -> Finding:
    database = Database(settings.database_url)
    try:
        found = await examine_talk_files(database, settings.data_dir / TALK_FILES)
    except Exception as error:  # noqa: BLE001  # as above
        return Finding("talk files", True, f"cannot be read: {type(error).__name__}")
    finally:
        await database.close()
    words = f"{found.files} sealed files, for the server's account alone"
    return Finding("talk files", bool(found.faults), "; ".join(found.faults) or words)


async def _look_at_certificate(settings: Settings) -> Finding:
    signer = Signer(settings.signing, settings.data_dir, SystemClock())
    try:
        found = await signer.check()
    except AppError as error:
        return Finding("certificate", True, error.detail)
    if found is None:
        return Finding("certificate", False, "none yet; one that signs itself is made when it is first needed")
    kind = "signed by itself" if found.self_signed else "signed by another"
    words = f"SHA-256 {found.shown}, {kind}, valid until {found.until:%Y-%m-%d}"
    return Finding("certificate", signer.expired(found), f"{words}; it has expired" if signer.expired(found) else words)


async def _look_at_recordings(folder: Path) -> AsyncIterator[Finding]:
    """Each as soon as it is read, for reading all of them may take hours."""
    recordings = examine_recordings(folder)
    try:
        while (found := await asyncio.to_thread(next, recordings, None)) is not None:
            yield Finding("recording", *found)
    except OSError as error:
        yield Finding("recordings", True, f"{folder}: cannot be read: {error.strerror}")


def _has_c_parser() -> bool:
    """The parser in Python is slower and has had more holes."""
    return http_parser.HttpRequestParser is not http_parser.HttpRequestParserPy
