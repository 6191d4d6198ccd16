"""The `hongbo` command. Parses, builds, runs; what a command does lives in the features."""

import argparse
import asyncio
import contextlib
import json
import os
import signal
import ssl
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import uvloop
from aiohttp import web

from server import __version__
from server.app import SETUP_LINK, Part, build, document
from server.core.clock import SystemClock
from server.core.collector import settle
from server.core.control import ControlError, FolderLock, control_call
from server.core.db import Database
from server.core.errors import AppError
from server.core.http.fastlane import FastRunner
from server.core.http.peer import LOOPBACK_NAMES
from server.core.journal import Journal
from server.core.logs import configure_logs
from server.doctor import examine
from server.identity import CodesFile, codes_as_csv, import_roster
from server.migrations import check_schema, upgrade
from server.settings import Settings, SettingsError, load_settings
from server.shake import verified


class CommandError(Exception):
    """One line for whoever typed the command."""


def run(arguments: list[str]) -> int:
    """Run one command; the exit status is 0, or 1 with one line on standard error that says why not."""
    os.umask(0o077)  # database, recordings and posters are the service's own, also in a folder that was there before
    chosen = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = chosen.command
    try:
        return command(chosen)
    except (CommandError, SettingsError) as error:
        print(f"hongbo: {error}", file=sys.stderr)
    except AppError as error:
        print(f"hongbo: {error.detail or error.code}", file=sys.stderr)
    except OSError as error:
        if error.filename is None:  # no file of whoever typed this
            raise
        print(f"hongbo: {error.filename}: {error.strerror}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="hongbo", description="红播: live broadcasts and what members do around them.")
    parser.add_argument("--version", action="version", version=f"hongbo {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int], summary: str) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=summary, description=summary)
        one.set_defaults(command=command)
        one.add_argument("--data", type=Path, metavar="DIR", help="data folder (default: DATA_DIR, or ./data)")
        return one

    serving = [
        add("run", _run, "Everything in one process."),
        add("web", _web, "Pages and API, without the media."),
        add("media", _media, "Taking in, packaging and serving streams."),
    ]
    for one in serving:
        one.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
        one.add_argument(
            "--port", type=int, default=8081 if one is serving[2] else 8080, help="port to listen on (default: %(default)s)"
        )
        one.add_argument("--tls-cert", type=Path, metavar="FILE", help="certificate chain, for a LAN without a proxy")
        one.add_argument("--tls-key", type=Path, metavar="FILE")
    serving[0].add_argument("--demo", action="store_true", help="load the sample organisation and put a broadcast on air")
    serving[0].add_argument("--demo-anywhere", action="store_true", help="let the demo listen beyond this machine")
    add("worker", _worker, "Housekeeping for the scaled processes.")
    migrate = add("migrate", _migrate, "Bring the database to the newest schema.")
    migrate.add_argument("--restored", action="store_true", help="the database comes from a backup: clients must start anew")
    add("doctor", _doctor, "Check configuration, versions, database and recordings.")
    roster = add("roster", _roster, "Import members and branches from CSV or XLSX.")
    roster.add_argument("action", choices=["import"])
    roster.add_argument("file", type=Path)
    roster.add_argument("--dry-run", action="store_true", help="check and count, write nothing")
    roster.add_argument("--codes", type=Path, metavar="FILE", help="where the activation codes go (default: beside FILE)")
    shake = add("shake", _shake, "Recompute a session of 摇一摇 from its journal.")
    shake.add_argument("action", choices=["verify"])
    shake.add_argument("id", metavar="ID")
    demo = add("demo", _demo, "Parts of the demo, one by one.")
    demo.add_argument("action", choices=["publish"])
    demo.add_argument("--url", required=True, help="WHIP address")
    demo.add_argument("--token-file", type=Path, required=True)
    openapi = commands.add_parser("openapi", help="Print the OpenAPI document.")
    openapi.set_defaults(command=_openapi)
    return parser


# Serving --------------------------------------------------------------------------------------------------------------


def _run(chosen: argparse.Namespace) -> int:
    if chosen.demo and chosen.host not in LOOPBACK_NAMES and not chosen.demo_anywhere:
        raise CommandError(
            f"the demo's passwords are known to everybody, so it will not listen on {chosen.host}; "
            "--demo-anywhere says that you know"
        )
    return _serve(chosen, Part.ALL, demo=chosen.demo)


def _web(chosen: argparse.Namespace) -> int:
    return _serve(chosen, Part.WEB)


def _media(chosen: argparse.Namespace) -> int:
    return _serve(chosen, Part.MEDIA)


def _worker(chosen: argparse.Namespace) -> int:
    settings = _settings(chosen)
    app = build(settings, part=Part.WORKER)

    async def work() -> None:
        runner = web.AppRunner(app)
        await runner.setup()
        try:
            await _until_stopped()
        finally:
            await runner.cleanup()

    _on_loop(work())
    return 0


def _serve(chosen: argparse.Namespace, part: Part, *, demo: bool = False) -> int:
    tls = _tls(chosen)
    settings = load_settings(data_dir=chosen.data, port=chosen.port, secure=tls is not None, demo=demo)
    configure_logs(level=settings.log_level, json=settings.log_json)
    app = build(settings, part=part)
    if demo:
        from server.demo import add_demo

        add_demo(app, settings, whip_base=f"{'https' if tls else 'http'}://127.0.0.1:{chosen.port}")

    async def serve() -> None:
        runner = FastRunner(app, access_log=None, shutdown_timeout=5, max_line_size=8190, max_field_size=8190)
        try:
            await runner.setup()
            try:
                await web.TCPSite(runner, chosen.host, chosen.port, ssl_context=tls, reuse_address=True).start()
            except OSError as error:
                raise CommandError(f"cannot listen on {chosen.host}:{chosen.port}: {error.strerror}") from error
            settle()
            _welcome(app, settings, chosen, secure=tls is not None)
            await _until_stopped()
        finally:
            await runner.cleanup()

    _on_loop(serve())
    return 0


def _welcome(app: web.Application, settings: Settings, chosen: argparse.Namespace, *, secure: bool) -> None:
    print(f"Hongbo {__version__} on {settings.http.public_url}", flush=True)
    for link in app[SETUP_LINK]:
        print(f"First run: make the first administrator at {link}", flush=True)
    if settings.demo:
        print(
            "Demo: sign in with mobile 10000000006 (red host), 10000000010 (member) or 10000000001 (secretary), "
            "password demo-hongbo",
            flush=True,
        )
    if not secure and chosen.host not in LOOPBACK_NAMES and settings.http.public_url.scheme == "http":
        print(
            "Plain http beyond this machine: browsers will refuse camera, microphone and motion. "
            "Use --tls-cert and --tls-key, or nginx in front (deploy/nginx.conf).",
            flush=True,
        )


async def _until_stopped() -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stopped.set)
    await stopped.wait()


def _tls(chosen: argparse.Namespace) -> ssl.SSLContext | None:
    if (chosen.tls_cert is None) != (chosen.tls_key is None):
        raise CommandError("--tls-cert and --tls-key go together")
    if chosen.tls_cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(chosen.tls_cert, chosen.tls_key)
    except (OSError, ssl.SSLError) as error:
        raise CommandError(f"--tls-cert, --tls-key: {error}") from error
    return context


# Commands that finish -------------------------------------------------------------------------------------------------


def _migrate(chosen: argparse.Namespace) -> int:
    settings = _settings(chosen)

    async def migrate() -> None:
        database = Database(settings.database_url)
        try:
            await upgrade(database)
            if chosen.restored:
                await Journal(database, SystemClock()).renew_epochs()
        finally:
            await database.close()

    if settings.embedded:
        with FolderLock(settings.data_dir):
            _on_loop(migrate())
    else:
        _on_loop(migrate())
    print("The database is at the newest schema." + (" All channels begin a new epoch." if chosen.restored else ""))
    return 0


def _roster(chosen: argparse.Namespace) -> int:
    settings = _settings(chosen)
    try:
        content = chosen.file.read_bytes()
    except OSError as error:
        raise CommandError(f"{chosen.file}: {error.strerror}") from error
    with contextlib.ExitStack() as stack:
        codes = None
        if not chosen.dry_run:
            wanted = chosen.codes or chosen.file.with_name(f"{chosen.file.stem}-激活码.csv")
            try:
                codes = stack.enter_context(CodesFile(wanted))
            except OSError as error:
                raise CommandError(f"{wanted}: {error.strerror}") from error
        try:
            result = _on_loop(_import_roster(settings, content, dry_run=chosen.dry_run))
        except (AppError, ControlError) as error:
            return _roster_refused(error.detail, error.extra)
        if result["errors"]:
            return _roster_refused(f"名单有 {len(result['errors'])} 处错误", result)
        kept = codes is None or not result["activations"] or _keep_codes(codes, result["activations"])
    would = "将" if chosen.dry_run else "已"
    print(
        f"{would}新增支部 {result['branches_added']} 个，新增人员 {result['members_added']} 人，"
        f"更新人员 {result['members_changed']} 人"
    )
    return 0 if kept else 1


def _keep_codes(codes: CodesFile, activations: list[dict[str, Any]]) -> bool:
    """In the file; on the screen where the disk refuses, for nobody can have them again."""
    text = codes_as_csv(activations)
    try:
        codes.write(text)
    except OSError as error:
        sys.stdout.buffer.write(text.encode(sys.stdout.encoding, "backslashreplace"))
        sys.stdout.flush()
        print(f"hongbo: {codes.path}: {error.strerror}；人员已导入，激活码只在上面显示这一次，请立即保存", file=sys.stderr)
        return False
    print(f"激活码（每码限用一次）已写入 {codes.path}，请分发后删除")
    return True


async def _import_roster(settings: Settings, content: bytes, *, dry_run: bool) -> dict[str, Any]:
    """Through the running server if there is one on this SQLite folder; directly otherwise."""
    if settings.embedded:
        try:
            return await control_call(settings.data_dir, "roster", content, dry_run="1" if dry_run else "0")
        except ConnectionError:
            pass
    lock = FolderLock(settings.data_dir)
    if settings.embedded:
        lock.acquire()
    database = Database(settings.database_url)
    try:
        if settings.embedded:
            await upgrade(database)
        else:
            await check_schema(database)
        return (await import_roster(database, content, dry_run=dry_run)).model_dump(mode="json")
    finally:
        await database.close()
        lock.release()


def _roster_refused(detail: str, extra: dict[str, Any]) -> int:
    print(detail or "导入失败", file=sys.stderr)
    for problem in extra.get("errors", []):
        print(f"  第 {problem['line']} 行 {problem['field']}：{problem['message']}", file=sys.stderr)
    print("没有写入任何内容", file=sys.stderr)
    return 1


def _doctor(chosen: argparse.Namespace) -> int:
    settings = _settings(chosen)

    async def look() -> int:
        faults = 0
        async for finding in examine(settings):
            print(f"{'FAULT' if finding.fault else 'ok':5}  {finding.subject}: {finding.note}", flush=True)
            faults += finding.fault
        return faults

    return 1 if _on_loop(look()) else 0


def _shake(chosen: argparse.Namespace) -> int:
    settings = _settings(chosen)

    async def look() -> int:
        database = Database(settings.database_url)
        try:
            await check_schema(database)
            found = await verified(database, chosen.id)
        finally:
            await database.close()
        for words in found.held:
            print(f"ok     {words}")
        for words in found.faults:
            print(f"FAULT  {words}")
        return 1 if found.faults else 0

    return int(_on_loop(look()))


def _demo(chosen: argparse.Namespace) -> int:
    from server.demo import publish

    configure_logs()
    return publish(url=chosen.url, token_file=chosen.token_file, data_dir=chosen.data)


def _openapi(_: argparse.Namespace) -> int:
    print(json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=True))
    return 0


def _settings(chosen: argparse.Namespace) -> Settings:
    settings = load_settings(data_dir=chosen.data)
    configure_logs(level=settings.log_level, json=settings.log_json)
    return settings


def _on_loop(work: Coroutine[Any, Any, Any]) -> Any:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)
