"""The roster into a real database: all or nothing, updates, codes, rights."""

import io
import stat
from pathlib import Path

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from server.core.errors import Unprocessable
from server.identity import CodesFile, Role, codes_as_csv, import_roster
from server.identity.tables import BranchRow, MemberRow
from tests.integration.identity.site import PASSWORD, Answer, Browser, Site

HEAD = "编号,姓名,手机号,支部,城市,身份,角色\n"
GOOD = HEAD + (
    "M001,苏映川,10000000001,总部机关党支部,广州,正式党员,党委书记\n"
    "M002,骆知行,100 0000 0002,总部机关党支部,广州,正式党员,党委副书记、支部书记\n"
    "E01,檀小溪,10090000001,,,非党员职工,\n"
)
CSV = {"Content-Type": "text/csv"}


async def _upload(browser: Browser, text: str, *, dry_run: bool = False) -> Answer:
    path = f"/api/v1/roster?dry_run={str(dry_run).lower()}"
    return await browser.send("POST", path, data=text.encode("gb18030"), headers=CSV)


async def _names(site: Site) -> dict[str, str]:
    async with site.database.reading() as session:
        return {row.mobile: row.name for row in (await session.scalars(select(MemberRow))).all()}


async def test_a_roster_brings_branches_members_roles_and_codes(site: Site) -> None:
    staff, _ = await site.signed_in(Role.ADMINISTRATOR)
    answer = await _upload(staff, GOOD)
    assert answer.status == 200
    counts = ("branches_added", "members_added", "members_changed", "errors")
    assert [answer.body[name] for name in counts] == [1, 3, 0, []]
    assert [each["name"] for each in answer.body["activations"]] == ["苏映川", "骆知行", "檀小溪"]
    secretary = answer.body["activations"][0]
    browser = await site.browser()
    activation = {"mobile": secretary["mobile"], "code": secretary["code"], "password": PASSWORD}
    assert (await browser.post("/api/v1/activations", activation)).status == 201
    me = (await browser.get("/api/v1/me")).body
    assert (me["member"]["branch"]["name"], me["roles"]) == ("总部机关党支部", ["committee_secretary"])


async def test_a_dry_run_counts_and_writes_nothing(site: Site) -> None:
    staff, _ = await site.signed_in(Role.ADMINISTRATOR)
    before = await _names(site)
    answer = await _upload(staff, GOOD, dry_run=True)
    assert answer.body == {
        "branches_added": 1,
        "members_added": 3,
        "members_changed": 0,
        "errors": [],
        "activations": [],
    }
    wrong = await _upload(staff, GOOD + "M003,某人,123,,,正式党员,\n", dry_run=True)
    assert wrong.status == 200
    assert wrong.body["errors"] == [{"line": 5, "field": "手机号", "message": "不是有效的手机号"}]
    assert await _names(site) == before


async def test_one_wrong_line_keeps_everything_out(site: Site) -> None:
    staff, _ = await site.signed_in(Role.ADMINISTRATOR)
    before = await _names(site)
    answer = await _upload(staff, GOOD + "M003,某人,123,新支部,,正式党员,\n")
    assert (answer.status, answer.code) == (422, "roster_invalid")
    assert answer.body["errors"] == [{"line": 5, "field": "手机号", "message": "不是有效的手机号"}]
    assert await _names(site) == before
    async with site.database.reading() as session:
        assert (await session.scalars(select(BranchRow))).all() == []


async def test_the_same_roster_again_changes_nothing(site: Site) -> None:
    staff, _ = await site.signed_in(Role.ADMINISTRATOR)
    await _upload(staff, GOOD)
    again = await _upload(staff, GOOD)
    assert [again.body[name] for name in ("branches_added", "members_added", "members_changed")] == [0, 0, 0]
    assert again.body["activations"] == []


async def test_an_export_can_be_imported_again_without_a_change(site: Site) -> None:
    staff, _ = await site.signed_in(Role.ADMINISTRATOR)
    await _upload(staff, GOOD)
    exported = await staff.get("/api/v1/members.xlsx")
    kind = {"Content-Type": exported.headers["Content-Type"]}
    answer = await staff.send("POST", "/api/v1/roster", data=exported.raw, headers=kind)
    assert answer.status == 200
    assert [answer.body[name] for name in ("branches_added", "members_added", "members_changed")] == [0, 0, 0]


async def test_known_people_are_updated_by_code_or_by_number(site: Site) -> None:
    staff, _ = await site.signed_in(Role.ADMINISTRATOR)
    await _upload(staff, GOOD)
    async with site.database.reading() as session:
        before = {row.ref: row.id for row in (await session.scalars(select(MemberRow))).all()}
    changes = HEAD + (
        "M001,苏映川,10000000009,总部机关党支部,,,\n"  # a new number
        ",骆知行（改）,10000000002,营销党支部,深圳,退休党员,无\n"  # known by number; the code stays
        "E01,檀小溪,10090000001,,,,红色主播\n"
    )
    answer = await _upload(staff, changes)
    assert answer.status == 200
    assert [answer.body[name] for name in ("branches_added", "members_added", "members_changed")] == [1, 0, 3]
    listed = {item["id"]: item for item in (await staff.get("/api/v1/members")).body["items"]}
    first, second, third = (listed[before[ref]] for ref in ("M001", "M002", "E01"))
    assert (first["mobile"], first["roles"], first["status"]) == ("10000000009", ["committee_secretary"], "full")
    assert (second["name"], second["branch"]["name"], second["status"]) == ("骆知行（改）", "营销党支部", "retired")
    assert second["roles"] == []
    assert third["roles"] == ["red_host"]


async def test_contradictions_with_the_database_are_told_by_line(site: Site) -> None:
    staff, _ = await site.signed_in(Role.ADMINISTRATOR)
    await _upload(staff, GOOD)
    answer = await _upload(
        staff,
        HEAD
        + "M001,苏映川,10000000002,,,,\n"  # the number of M002
        + "M009,骆知行,10000000002,,,,\n"  # known under another code
        + "M010,新人,10000000010,,,,\n",  # new, but nothing says what he or she is
    )
    assert answer.status == 422
    assert answer.body["errors"] == [
        {"line": 2, "field": "手机号", "message": "该手机号目前属于另一名成员"},
        {"line": 3, "field": "手机号", "message": "与第 2 行重复"},
        {"line": 3, "field": "编号", "message": "与系统中该手机号的编号（M002）不同"},
        {"line": 4, "field": "身份", "message": "新成员须填写"},
    ]


async def test_an_upload_may_do_no_more_than_its_sender(site: Site) -> None:
    administrator, own_id = await site.signed_in(Role.ADMINISTRATOR, name="管理员", ref="A1")
    staff, _ = await site.signed_in(Role.AFFAIRS_STAFF)
    answer = await _upload(staff, HEAD + "A1,管理员,13700000000,,,,\n" + "M2,某人,13700000001,,,正式党员,管理员\n")
    assert answer.status == 422
    assert [(error["line"], error["field"]) for error in answer.body["errors"]] == [(2, "手机号"), (3, "角色")]
    allowed = await _upload(staff, HEAD + "M2,某人,13700000001,,,正式党员,\n")
    assert (allowed.status, allowed.body["members_added"]) == (200, 1)
    last = await _upload(administrator, HEAD + f"A1,管理员,{site.mobiles[own_id]},,,,无\n")
    assert last.body["errors"] == [{"line": 2, "field": "角色", "message": "这样将不再有任何管理员"}]


async def test_roles_taken_by_a_roster_are_gone_at_once(site: Site) -> None:
    administrator, _ = await site.signed_in(Role.ADMINISTRATOR)
    host, host_id = await site.signed_in(Role.RED_HOST)
    assert (await host.get("/api/v1/me")).body["roles"] == ["red_host"]
    with capture_logs() as logs:
        await _upload(administrator, HEAD + f",林晓,{site.mobiles[host_id]},,,,无\n")
    assert (await host.get("/api/v1/me")).body["roles"] == []
    assert "林晓" not in str(logs)
    assert {"roles_changed", "roster_imported"} <= {entry["event"] for entry in logs}


async def test_other_media_types_and_large_files_are_refused(site: Site) -> None:
    staff, _ = await site.signed_in(Role.ADMINISTRATOR)
    wrong = await staff.send("POST", "/api/v1/roster", data=b"x", headers={"Content-Type": "text/plain"})
    assert (wrong.status, wrong.code) == (415, "roster_type")
    large = await staff.send("POST", "/api/v1/roster", data=io.BytesIO(b"x" * (5 * 1024 * 1024 + 1)), headers=CSV)
    assert (large.status, large.code) == (413, "roster_too_large")
    unread = await staff.send("POST", "/api/v1/roster", data=b"\x00\xff\xfe\x81", headers=CSV)
    assert (unread.status, unread.code) == (422, "roster_unreadable")


async def test_the_command_imports_as_the_operator(site: Site, tmp_path: Path) -> None:
    result = await import_roster(site.database, GOOD.encode(), clock=site.clock)
    assert result.members_added == 3
    target = tmp_path / "codes.csv"
    codes = [each.model_dump() for each in result.activations] + [{"name": "=1", "mobile": "1", "code": "c"}]
    with CodesFile(target) as file:
        file.write(codes_as_csv(codes))
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    lines = target.read_bytes().decode("utf-8-sig").splitlines()
    assert lines[0] == "姓名,手机号,激活码"
    assert lines[1] == f"苏映川,10000000001,{result.activations[0].code}"
    assert lines[4] == "'=1,1,c"
    with pytest.raises(Unprocessable, match="roster_invalid"):
        await import_roster(site.database, (HEAD + "M1,某人,1,,,,\n").encode(), clock=site.clock)


async def test_a_large_roster_is_imported_in_one_go(site: Site) -> None:
    lines = "".join(f"R{n},人员{n},15{n:09d},第{n % 40}党支部,,正式党员,红色主播\n" for n in range(10_500))
    result = await import_roster(site.database, (HEAD + lines).encode(), clock=site.clock)
    assert (result.branches_added, result.members_added, len(result.activations)) == (40, 10_500, 10_500)
    again = await import_roster(site.database, (HEAD + lines).encode(), clock=site.clock)
    assert (again.members_added, again.members_changed) == (0, 0)


async def test_a_role_given_by_roster_replaces_the_code_that_staff_may_have_kept(site: Site) -> None:
    administrator, _ = await site.signed_in(Role.ADMINISTRATOR)
    staff, _ = await site.signed_in(Role.AFFAIRS_STAFF)
    new = HEAD + "M001,苏映川,10000000001,,,正式党员,\nM002,骆知行,10000000002,,,正式党员,\n"
    old = {each["mobile"]: each["code"] for each in (await _upload(staff, new)).body["activations"]}
    named = HEAD + "M001,苏映川,10000000001,,,正式党员,管理员\nM002,骆知行,10000000002,,,正式党员,\n"
    (fresh,) = (await _upload(administrator, named)).body["activations"]
    assert fresh["mobile"] == "10000000001"
    tries = [("10000000001", old["10000000001"]), ("10000000001", fresh["code"]), ("10000000002", old["10000000002"])]
    statuses = []
    for mobile, code in tries:
        body = {"mobile": mobile, "code": code, "password": PASSWORD}
        statuses.append((await (await site.browser()).post("/api/v1/activations", body)).status)
    assert statuses == [401, 201, 201]
