"""The `hongbo` command as an operator meets it: real processes on a real folder."""

import asyncio
import csv
import json
import os
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from server.core.clock import SystemClock
from server.core.db import Database
from server.core.ids import new_id
from server.core.journal import Draft, Journal
from tests.support import forked
from tests.support.recording_process import killed_while_recording
from tests.support.serving import PASSWORD, Serving, free_port


async def hongbo(*arguments: str, program: Sequence[str] = (), **environment: str) -> tuple[int, str, str]:
    """Exit status, standard output, standard error of the command, or of a `program` that starts it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HONGBO_")}
    process: asyncio.subprocess.Process | forked.Program
    if program:
        process = await asyncio.create_subprocess_exec(
            *program, *arguments, env=clean | environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
    else:
        process = await forked.start("server", *arguments, environment=clean | environment, errors_apart=True)
    async with asyncio.timeout(60):
        out, err = await process.communicate()
    assert process.returncode is not None
    return process.returncode, out.decode(), err.decode()


@pytest.fixture
async def serving(tmp_path: Path) -> AsyncIterator[Serving]:
    serving = Serving(tmp_path)
    await serving.start()
    yield serving
    await serving.stop()


async def test_sigterm_ends_the_server_cleanly_and_a_restart_goes_on_where_it_was(serving: Serving) -> None:
    await serving.set_up()
    assert await serving.stop() == 0
    assert any('"stopping"' in line for line in serving.output)
    assert not any("Traceback" in line or '"level": "error"' in line for line in serving.output)
    await serving.start()
    http = await serving.signed_in("10000000006")
    async with http.get("/api/v1/me") as answer:
        assert (await answer.json())["roles"] == ["red_host"]
    await http.close()


async def test_a_second_server_on_the_same_folder_is_refused_in_one_line(serving: Serving) -> None:
    status, _, err = await hongbo("run", "--data", str(serving.folder), "--port", str(free_port()))
    assert status == 1
    assert "已有一个服务在使用" in err.splitlines()[-1]
    assert "Traceback" not in err


async def test_another_server_that_would_write_the_same_recordings_is_refused(serving: Serving, tmp_path: Path) -> None:
    recordings, elsewhere = serving.folder / "recordings", tmp_path / "another"
    again = ("run", "--data", str(elsewhere), "--port", str(free_port()))
    status, _, err = await hongbo(*again, RECORDINGS_DIR=str(recordings))
    assert status == 1
    assert f"{recordings} 已有一个服务在使用" in err.splitlines()[-1]
    assert "Traceback" not in err


async def test_a_recordings_folder_that_cannot_be_locked_keeps_nobody_from_going_on_air(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    serving = Serving(tmp_path, environment={"RECORDINGS_DIR": str(tmp_path / "file" / "recordings")})
    await serving.start()
    try:
        said = [line for line in serving.output if "recordings_not_locked" in line]
        assert len(said) == 1
        assert json.loads(said[0])["alarm"] is True
    finally:
        assert await serving.stop() == 0


async def test_a_roster_is_imported_through_the_running_server_and_its_codes_kept_private(serving: Serving) -> None:
    roster, codes = serving.folder / "名册.csv", serving.folder / "codes.csv"
    with roster.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("姓名", "手机号", "支部", "身份"), ("滕砚秋", "10000000009", "总部", "正式党员")])
    arguments = ("roster", "import", str(roster), "--codes", str(codes), "--data", str(serving.folder))
    status, out, _ = await hongbo(*arguments, "--dry-run")
    assert (status, codes.exists()) == (0, False)
    assert "将新增支部 1 个，新增人员 1 人" in out
    status, out, _ = await hongbo(*arguments)
    assert status == 0
    assert "已新增支部 1 个，新增人员 1 人" in out
    assert codes.stat().st_mode & 0o077 == 0
    # Without the server the command takes the folder itself, and finds nothing left to do.
    await serving.stop()
    status, out, _ = await hongbo(*arguments)
    assert status == 0
    assert "新增人员 0 人，更新人员 0 人" in out


def write_roster(file: Path, *people: tuple[str, str]) -> None:
    with file.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([("姓名", "手机号", "身份"), *((name, mobile, "正式党员") for name, mobile in people)])


def codes_in(file: Path) -> list[str]:
    """Whose codes a file holds."""
    with file.open(encoding="utf-8-sig") as lines:
        return [row["姓名"] for row in csv.DictReader(lines) if row["激活码"]]


def names_in(folder: Path) -> set[str]:
    return {file.name for file in folder.iterdir()}


async def test_a_folder_with_a_name_longer_than_a_socket_may_have_serves_commands_too(tmp_path: Path) -> None:
    serving = Serving(tmp_path / ("很长的名字" * 8) / "data")
    assert len(os.fsencode(serving.folder / "control.sock")) > 107
    await serving.start()
    try:
        await serving.set_up()  # among others it imports the roster through the server
        http = await serving.signed_in("10000000006")
        await http.close()
    finally:
        assert await serving.stop() == 0
    assert not (serving.folder / "control.sock").exists()


@pytest.mark.parametrize("command", [("run",), ("worker",), ("migrate",), ("doctor",)])
async def test_a_data_folder_that_the_system_refuses_is_said_in_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    (tmp_path / "file").write_text("not a folder")
    status, _, err = await hongbo(*command, "--data", str(tmp_path / "file" / "data"))
    assert status == 1
    assert str(tmp_path / "file" / "data") in err.splitlines()[-1]
    assert "Traceback" not in err


async def test_codes_that_may_not_be_handed_out_yet_are_never_overwritten(tmp_path: Path) -> None:
    roster, data = tmp_path / "名册.csv", str(tmp_path / "data")
    for people in (
        [("滕砚秋", "10000000009")],
        [("滕砚秋", "10000000009")],
        [("滕砚秋", "10000000009"), ("林晓", "10000000012")],
    ):
        write_roster(roster, *people)
        status, out, err = await hongbo("roster", "import", str(roster), "--data", data)
        assert status == 0, err
    first, second = tmp_path / "名册-激活码.csv", tmp_path / "名册-激活码-2.csv"
    assert str(second) in out
    assert codes_in(first) == ["滕砚秋"]
    assert codes_in(second) == ["林晓"]
    assert names_in(tmp_path) == {"名册.csv", first.name, second.name, "data"}  # the import that changed nothing left no file


async def test_where_codes_cannot_be_written_nothing_is_imported(tmp_path: Path) -> None:
    roster, nowhere = tmp_path / "名册.csv", tmp_path / "nowhere" / "codes.csv"
    write_roster(roster, ("滕砚秋", "10000000009"))
    arguments = ("roster", "import", str(roster), "--data", str(tmp_path / "data"))
    status, out, err = await hongbo(*arguments, "--codes", str(nowhere))
    assert (status, out) == (1, "")
    assert err.splitlines() == [f"hongbo: {nowhere}: No such file or directory"]
    status, out, _ = await hongbo(*arguments)
    assert status == 0
    assert "已新增支部 0 个，新增人员 1 人" in out


async def test_codes_that_a_disk_refuses_are_shown_once(serving: Serving) -> None:
    roster, codes = serving.folder / "名册.csv", serving.folder / "codes.csv"
    write_roster(roster, ("滕砚秋", "10000000009"))
    # The disk refuses the command, which is about to write the codes, and not the server, which has written the members.
    refusing = ("bash", "-c", 'ulimit -f 0 && exec "$@"', "bash", sys.executable, "-B", "-m", "server")
    arguments = ("roster", "import", str(roster), "--codes", str(codes), "--data", str(serving.folder))
    status, out, err = await hongbo(*arguments, program=refusing)
    assert status == 1
    heading, row, summary = out.splitlines()
    assert (heading, row[:16]) == ("姓名,手机号,激活码", "滕砚秋,10000000009,")
    assert "已新增支部 0 个，新增人员 1 人" in summary
    assert err.splitlines() == [f"hongbo: {codes}: File too large；人员已导入，激活码只在上面显示这一次，请立即保存"]
    assert not codes.exists()
    async with serving.client() as http:
        body = {"mobile": "10000000009", "code": row.rsplit(",", 1)[1], "password": PASSWORD}
        async with http.post("/api/v1/activations", json=body) as answer:
            assert answer.status == 201, await answer.text()


@pytest.mark.parametrize("dry_run", [(), ("--dry-run",)])
async def test_a_bad_roster_writes_nothing_and_names_every_line(serving: Serving, dry_run: tuple[str, ...]) -> None:
    roster = serving.folder / "bad.csv"
    roster.write_text("姓名,手机号,身份\n甲,123,正式党员\n乙,10000000002,正式党员\n丙,10000000002,正式党员\n", encoding="utf-8")
    arguments = ("roster", "import", str(roster), *dry_run, "--data", str(serving.folder))
    by_the_server = await hongbo(*arguments)
    await serving.stop()
    for status, out, err in (by_the_server, await hongbo(*arguments)):
        assert (status, out) == (1, "")
        assert "第 2 行" in err
        assert "第 4 行" in err
        assert err.splitlines()[-1] == "没有写入任何内容"


async def test_the_doctor_is_content_with_a_working_server_and_says_what_is_wrong_with_a_broken_one(serving: Serving) -> None:
    status, out, _ = await hongbo("doctor", "--data", str(serving.folder))
    assert "schema up to date" in out
    assert status == 0, out
    blocked = serving.folder / "file"
    blocked.write_text("not a folder")
    status, out, _ = await hongbo("doctor", "--data", str(serving.folder), RECORDINGS_DIR=str(blocked / "recordings"))
    assert status == 1
    assert "FAULT  recordings" in out


def flip_a_bit(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 4] ^= 1
    file.write_bytes(data)


async def test_the_doctor_reads_the_recordings_to_the_last_byte(tmp_path: Path) -> None:
    await killed_while_recording(tmp_path / "recordings", "whole", 2)
    await killed_while_recording(tmp_path / "recordings", "spoiled", 2)
    await hongbo("migrate", "--data", str(tmp_path))
    status, out, _ = await hongbo("doctor", "--data", str(tmp_path))
    assert status == 0, out
    assert "ok     recording: spoiled: 2 segments, open" in out.splitlines()
    flip_a_bit(tmp_path / "recordings" / "spoiled" / "live.m4s")
    status, out, _ = await hongbo("doctor", "--data", str(tmp_path))
    assert status == 1
    assert "FAULT  recording: spoiled: 2 segments, open; damaged: live.m4s segment 0" in out.splitlines()
    assert "ok     recording: whole: 2 segments, open" in out.splitlines()


@pytest.mark.parametrize("command", [("migrate",), ("roster", "import", "roster.csv")])
async def test_what_a_command_makes_is_its_owners_alone(tmp_path: Path, command: tuple[str, ...]) -> None:
    roster, folder = tmp_path / "roster.csv", tmp_path / "data"
    roster.write_text("姓名,手机号,身份\n滕砚秋,10000000009,正式党员\n", encoding="utf-8")
    folder.mkdir(mode=0o755)  # as a package or a service manager makes it
    arguments = [str(roster) if each == roster.name else each for each in command]
    status, _, err = await hongbo(*arguments, "--data", str(folder))
    assert status == 0, err
    assert (folder / "hongbo.db").exists()
    assert [file.name for file in folder.iterdir() if file.stat().st_mode & 0o077] == []


@pytest.mark.parametrize(
    ("arguments", "environment", "words"),
    [
        (("run",), {"HONGBO_TYPO": "1"}, "HONGBO_TYPO"),
        (("run", "--demo", "--host", "0.0.0.0"), {}, "--demo-anywhere"),  # noqa: S104  # refused is what is asserted
        (("run", "--tls-cert", "/nowhere/cert.pem"), {}, "--tls-key"),
        (("run", "--tls-cert", "/nowhere/cert.pem", "--tls-key", "/nowhere/key.pem"), {}, "--tls-cert"),
        (("roster", "import", "/nowhere/roster.csv"), {}, "/nowhere/roster.csv"),
    ],
)
async def test_what_cannot_be_done_is_said_in_one_line(
    tmp_path: Path, arguments: tuple[str, ...], environment: dict[str, str], words: str
) -> None:
    status, _, err = await hongbo(*arguments, "--data", str(tmp_path), **environment)
    assert status == 1
    assert words in err
    assert len(err.strip().splitlines()) == 1


async def test_the_document_can_be_had_without_a_server() -> None:
    status, out, _ = await hongbo("openapi")
    assert status == 0
    assert json.loads(out)["openapi"] == "3.1.0"


async def test_after_a_restore_every_channel_has_a_new_epoch(tmp_path: Path) -> None:
    status, _, _ = await hongbo("migrate", "--data", str(tmp_path))
    assert status == 0
    database = Database(f"sqlite:///{tmp_path}/hongbo.db")
    journal, channel = Journal(database, SystemClock()), f"broadcast:{new_id()}"
    async with database.transaction() as session:
        await journal.append(session, Draft(channel, "comment.posted", {}))
    before = (await journal.positions([channel]))[channel]
    status, out, _ = await hongbo("migrate", "--restored", "--data", str(tmp_path))
    assert status == 0
    assert "new epoch" in out
    after = (await journal.positions([channel]))[channel]
    assert after.epoch != before.epoch
    assert after.head == before.head
    await database.close()


async def test_a_port_in_use_is_said_in_one_line(serving: Serving, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("other")
    status, _, err = await hongbo("run", "--data", str(elsewhere), "--port", str(serving.port))
    assert status == 1
    assert f"cannot listen on 127.0.0.1:{serving.port}" in err
    assert "Traceback" not in err
