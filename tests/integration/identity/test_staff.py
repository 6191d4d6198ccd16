"""Members, roles and branches as staff manage them."""

import asyncio
import io

import pytest
from openpyxl import load_workbook
from structlog.testing import capture_logs

from server.identity import Role, Status
from tests.integration.identity.site import PASSWORD, Site, ids_of


async def test_visitors_and_members_without_a_role_are_kept_out(site: Site) -> None:
    plain, member_id = await site.signed_in(Role.RED_HOST, Role.BRANCH_SECRETARY)
    visitor = await site.browser()
    paths = [
        ("GET", "/api/v1/members"),
        ("GET", "/api/v1/members.xlsx"),
        ("POST", f"/api/v1/members/{member_id}/activation"),
        ("DELETE", f"/api/v1/members/{member_id}/sessions"),
        ("GET", "/api/v1/branches"),
        ("POST", "/api/v1/roster"),
    ]
    for method, path in paths:
        assert (await visitor.send(method, path)).status == 401
        refused = await plain.send(method, path)
        assert (refused.status, refused.code) == (403, "role_needed")


async def test_members_are_listed_filtered_and_paged(site: Site) -> None:
    east, west = await site.add_branch("华东党支部", "南京"), await site.add_branch("西北党支部", "西安")
    staff, staff_id = await site.signed_in(Role.AFFAIRS_STAFF, name="祝以宁")
    first = await site.add_member(name="林晓", branch_id=east, ref="M001")
    second = await site.add_member(Role.RED_HOST, name="林_晓", branch_id=west, status=Status.RETIRED)
    third = await site.add_member(name="%百分", branch_id=east, password=None)

    async def found(**query: str) -> list[str]:
        answer = await staff.get("/api/v1/members", params=query)
        assert answer.status == 200
        return ids_of(answer.body["items"])

    assert await found() == [staff_id, first, second, third]
    assert await found(q="林") == [first, second]
    assert await found(q="_") == [second]
    assert await found(q="%") == [third]
    assert await found(q=site.mobiles[third][-6:]) == [third]
    assert await found(q="M001") == [first]
    assert await found(branch=east) == [first, third]
    assert await found(status="retired") == [second]
    assert await found(role="red_host") == [second]
    assert await found(state="invited") == [third]
    assert await found(state="active", branch=east) == [first]
    page = (await staff.get("/api/v1/members?limit=3")).body
    assert (ids_of(page["items"]), page["next"]) == ([staff_id, first, second], second)
    rest = (await staff.get(f"/api/v1/members?limit=3&after={page['next']}")).body
    assert (ids_of(rest["items"]), rest["next"]) == ([third], None)
    listed = page["items"][1]
    assert listed["branch"] == {"id": east, "name": "华东党支部"}
    assert listed["mobile"] == site.mobiles[first]


async def test_members_are_sorted_by_pinyin_branch_or_sign_in_and_paged_alike(site: Site) -> None:
    east, west = await site.add_branch("华东党支部", "南京"), await site.add_branch("西北党支部", "西安")
    staff, staff_id = await site.signed_in(Role.AFFAIRS_STAFF, name="祝以宁")
    chen = await site.add_member(name="陈晓", branch_id=west)
    zhang = await site.add_member(name="张三", branch_id=east)
    an = await site.add_member(name="安然", branch_id=east)
    other_chen = await site.add_member(name="陈晓")

    async def found(sort: str) -> list[str]:
        ids: list[str] = []
        after: dict[str, str] = {}
        while True:
            page = await staff.get("/api/v1/members", params={"sort": sort, "limit": "2", **after})
            assert page.status == 200
            ids += ids_of(page.body["items"])
            if page.body["next"] is None:
                return ids
            after = {"after": page.body["next"]}

    assert await found("name") == [an, chen, other_chen, zhang, staff_id]
    assert await found("-name") == [staff_id, zhang, chen, other_chen, an]
    assert await found("branch") == [staff_id, other_chen, zhang, an, chen]
    assert await found("-branch") == [chen, zhang, an, staff_id, other_chen]
    assert (await found("-last_sign_in"))[0] == staff_id
    assert (await found("last_sign_in"))[-1] == staff_id


async def test_a_sorted_page_after_nobody_is_empty(site: Site) -> None:
    staff, _ = await site.signed_in(Role.AFFAIRS_STAFF)
    answer = await staff.get("/api/v1/members?sort=name&after=nobody")
    assert (answer.status, answer.body["items"]) == (200, [])


@pytest.mark.parametrize(
    "query", ["sort=id", "role=king", "state=gone", "status=x", "branch=1", "q=%00", "q=%ED%A0%80%1B", "limit=0", "owner=1"]
)
async def test_unknown_filters_are_refused(site: Site, query: str) -> None:
    staff, _ = await site.signed_in(Role.AFFAIRS_STAFF)
    answer = await staff.get(f"/api/v1/members?{query}")
    assert (answer.status, answer.code) == (400, "query_invalid")


@pytest.mark.parametrize("q", ["'", '"', "%", "_", "\\", "\\%", "' OR 1=1 --", "*", "林'晓", "\ue000", "𠮷" * 40, "[a-z]", ";"])
async def test_search_takes_any_text_as_text(site: Site, q: str) -> None:
    """ASVS 1.2.4."""
    staff, _ = await site.signed_in(Role.AFFAIRS_STAFF)
    await site.add_member(name="林晓")
    answer = await staff.get("/api/v1/members", params={"q": q})
    assert (answer.status, answer.body["items"]) == (200, [])


async def test_a_member_is_added_and_changed(site: Site) -> None:
    branch = await site.add_branch("华东党支部")
    staff, _ = await site.signed_in(Role.AFFAIRS_STAFF)
    new = {"name": " 林  晓 ", "mobile": "+86 139 2222 3333", "status": "full", "branch_id": branch}
    added = await staff.post("/api/v1/members", new)
    assert added.status == 201
    member = added.body["member"]
    assert (member["name"], member["mobile"], member["roles"]) == ("林 晓", "13922223333", [])
    path = f"/api/v1/members/{member['id']}"
    changed = await staff.send("PATCH", path, json={"name": "林晓", "mobile": "13922224444", "branch_id": None})
    assert changed.status == 200
    assert changed.body == member | {"name": "林晓", "mobile": "13922224444", "branch": None}
    for body, status, code in (
        (new | {"mobile": "13922224444"}, 409, "mobile_taken"),
        (new | {"mobile": "123"}, 422, "mobile_invalid"),
        (new | {"branch_id": member["id"]}, 422, "branch_unknown"),
        (new | {"roles": ["administrator"]}, 400, "body_invalid"),
        (new | {"status": "king"}, 400, "body_invalid"),
        (new | {"name": "x" * 41}, 400, "body_invalid"),
    ):
        refused = await staff.post("/api/v1/members", body)
        assert (refused.status, refused.code) == (status, code)


async def test_parallel_adding_of_one_number_adds_one_member(either_site: Site) -> None:
    staff, _ = await either_site.signed_in(Role.AFFAIRS_STAFF)
    new = {"name": "林晓", "mobile": "13922223333", "status": "full"}
    answers = await asyncio.gather(*(staff.post("/api/v1/members", new) for _ in range(10)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 9
    assert {answer.code for answer in answers} == {None, "mobile_taken"}


async def test_missing_members_are_not_found(site: Site) -> None:
    staff, _ = await site.signed_in(Role.ADMINISTRATOR)
    for member_id in ("0190a0b0-0000-7000-8000-000000000000", "nonsense", "..%2F.."):
        for method, rest, body in (
            ("PATCH", "", {"name": "x"}),
            ("POST", "/activation", None),
            ("DELETE", "/sessions", None),
            ("PUT", "/roles", {"roles": []}),
        ):
            answer = await staff.send(method, f"/api/v1/members/{member_id}{rest}", json=body)
            assert (answer.status, answer.code) == (404, "not_found")


async def test_roles_are_granted_by_administrators_alone(site: Site) -> None:
    administrator, _ = await site.signed_in(Role.ADMINISTRATOR)
    staff, _ = await site.signed_in(Role.AFFAIRS_STAFF)
    host, host_id = await site.signed_in()
    path = f"/api/v1/members/{host_id}/roles"
    refused = await staff.send("PUT", path, json={"roles": ["red_host"]})
    assert (refused.status, refused.code) == (403, "role_needed")
    with capture_logs() as logs:
        answer = await administrator.send("PUT", path, json={"roles": ["red_host", "moderator"]})
    assert (answer.status, answer.body["roles"]) == (200, ["moderator", "red_host"])
    assert (await host.get("/api/v1/me")).body["roles"] == ["moderator", "red_host"]
    change = next(entry for entry in logs if entry["event"] == "roles_changed")
    assert (change["member_id"], change["given"], change["taken"]) == (host_id, ["moderator", "red_host"], [])
    assert (await administrator.send("PUT", path, json={"roles": ["emperor"]})).code == "body_invalid"


async def test_staff_cannot_enter_the_account_of_somebody_with_more_rights(site: Site) -> None:
    staff, _ = await site.signed_in(Role.AFFAIRS_STAFF)
    target = await site.add_member(Role.ADMINISTRATOR)
    path = f"/api/v1/members/{target}"
    detours = [
        await staff.send("PATCH", path, json={"mobile": "13922223333"}),
        await staff.send("PATCH", path, json={"disabled": True}),
        await staff.post(f"{path}/activation"),
        await staff.send("DELETE", f"{path}/sessions"),
    ]
    assert [(answer.status, answer.code) for answer in detours] == [(403, "account_protected")] * 4
    assert (await staff.send("PATCH", path, json={"name": "改名"})).status == 200
    colleague = await site.add_member(Role.AFFAIRS_STAFF)
    assert (await staff.post(f"/api/v1/members/{colleague}/activation")).status == 200


async def test_the_last_administrator_stays(site: Site) -> None:
    administrator, own_id = await site.signed_in(Role.ADMINISTRATOR)
    await site.add_member(Role.ADMINISTRATOR, password=None)  # cannot sign in, so does not count
    path = f"/api/v1/members/{own_id}"
    refused = await administrator.send("PUT", f"{path}/roles", json={"roles": ["red_host"]})
    assert (refused.status, refused.code) == (409, "last_administrator")
    assert (await administrator.send("PATCH", path, json={"disabled": True})).code == "own_account"
    second, second_id = await site.signed_in(Role.ADMINISTRATOR)
    assert (await administrator.send("PUT", f"{path}/roles", json={"roles": []})).status == 200
    assert (await second.send("PATCH", f"/api/v1/members/{second_id}", json={"disabled": True})).status == 409


async def test_administrators_removing_each_other_leave_one(either_site: Site) -> None:
    signed_in = [await either_site.signed_in(Role.ADMINISTRATOR) for _ in range(2)]
    (one, one_id), (two, two_id) = signed_in
    answers = await asyncio.gather(
        one.send("PUT", f"/api/v1/members/{two_id}/roles", json={"roles": []}),
        two.send("PUT", f"/api/v1/members/{one_id}/roles", json={"roles": []}),
    )
    assert sorted(answer.status for answer in answers) in ([200, 403], [200, 409])
    assert not await either_site.identity.setup_needed()


async def test_branches_count_their_members(site: Site) -> None:
    staff, _ = await site.signed_in(Role.AFFAIRS_STAFF)
    added = await staff.post("/api/v1/branches", {"name": "华东党支部", "city": "南京"})
    assert added.status == 201
    branch = added.body["id"]
    await site.add_member(branch_id=branch)
    assert (await staff.get("/api/v1/branches")).body["items"] == [added.body | {"members": 1}]
    twice = await staff.post("/api/v1/branches", {"name": "华东党支部", "city": "苏州"})
    assert (twice.status, twice.code) == (409, "branch_exists")
    changed = await staff.send("PATCH", f"/api/v1/branches/{branch}", json={"city": "苏州"})
    assert changed.body == {"id": branch, "name": "华东党支部", "city": "苏州", "members": 1}
    assert (await staff.send("PATCH", "/api/v1/branches/nonsense", json={"city": "苏州"})).status == 404


async def test_the_export_holds_text_and_no_formula(site: Site) -> None:
    """ASVS 1.2.10."""
    names = ["=1+1", "+1", "-1", "@SUM(A1)", "＝1+1", "＋1", "－1", "＠SUM(A1)", '=HYPERLINK("x","y")', "_x0041_"]
    for name in names:
        await site.add_member(Role.RED_HOST, Role.MODERATOR, name=name, ref=f"={name[:4]}{len(name)}{names.index(name)}")
    staff, staff_id = await site.signed_in(Role.ADMINISTRATOR, name="出纳")
    with capture_logs() as logs:
        answer = await staff.get("/api/v1/members.xlsx?role=red_host")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert answer.headers["Cache-Control"] == "no-store"
    sheet = load_workbook(io.BytesIO(answer.raw)).worksheets[0]
    rows = list(sheet.iter_rows(min_row=2))
    assert [row[1].value for row in rows] == names
    assert {cell.data_type for row in rows for cell in row if cell.value is not None} == {"s"}
    assert all(cell.quotePrefix for cell in rows[0])
    assert [cell.value for cell in rows[0]][2:7] == ["13800000001", None, "正式党员", "审核员、红色主播", "已激活"]
    exported = next(entry for entry in logs if entry["event"] == "members_exported")
    assert (exported["by"], exported["members"]) == (staff_id, len(names))


async def test_people_answer_other_features(site: Site) -> None:
    branch = await site.add_branch("华东党支部")
    host = await site.add_member(Role.RED_HOST, name="林晓", branch_id=branch)
    gone = await site.add_member(Role.RED_HOST, name="林远")
    administrator, _ = await site.signed_in(Role.ADMINISTRATOR)
    await administrator.send("PATCH", f"/api/v1/members/{gone}", json={"disabled": True})
    people = await site.identity.people([host, gone, "nobody"])
    assert {person.name: (person.branch_name, person.disabled) for person in people.values()} == {
        "林晓": ("华东党支部", False),
        "林远": (None, True),
    }
    assert ids_of([{"id": person.id} for person in await site.identity.find_people(role=Role.RED_HOST, q="林")]) == [host]


async def _enter(site: Site, mobile: str, code: str) -> tuple[int, str | None]:
    body = {"mobile": mobile, "code": code, "password": "another-long-one"}
    answer = await (await site.browser()).post("/api/v1/activations", body)
    return answer.status, answer.code


@pytest.mark.parametrize("password", [PASSWORD, None], ids=["reset", "invited"])
async def test_a_code_that_staff_may_have_kept_does_not_open_an_account_that_was_given_roles(
    site: Site, password: str | None
) -> None:
    administrator, _ = await site.signed_in(Role.ADMINISTRATOR)
    staff, _ = await site.signed_in(Role.AFFAIRS_STAFF)
    member_id = await site.add_member(password=password)
    path = f"/api/v1/members/{member_id}"
    code = (await staff.post(f"{path}/activation")).body["code"]
    given = await administrator.send("PUT", f"{path}/roles", json={"roles": ["administrator"]})
    assert (given.status, given.body["roles"], given.body["code_void"]) == (200, ["administrator"], True)
    assert await _enter(site, site.mobiles[member_id], code) == (401, "activation_failed")
    assert (await staff.post(f"{path}/activation")).code == "account_protected"
    fresh = (await administrator.post(f"{path}/activation")).body["code"]
    assert await _enter(site, site.mobiles[member_id], fresh) == (201, None)


async def test_the_code_of_a_member_whom_staff_added_dies_with_the_first_role(site: Site) -> None:
    administrator, _ = await site.signed_in(Role.ADMINISTRATOR)
    staff, _ = await site.signed_in(Role.AFFAIRS_STAFF)
    added = (await staff.post("/api/v1/members", {"name": "林晓", "mobile": "13922223333", "status": "full"})).body
    path = f"/api/v1/members/{added['member']['id']}/roles"
    assert (await administrator.send("PUT", path, json={"roles": []})).body["code_void"] is False
    assert (await administrator.send("PUT", path, json={"roles": ["red_host"]})).body["code_void"] is True
    assert (await administrator.send("PUT", path, json={"roles": ["moderator"]})).body["code_void"] is False
    assert await _enter(site, "13922223333", added["activation"]["code"]) == (401, "activation_failed")


async def test_a_code_of_somebody_who_is_still_an_administrator_stays(site: Site) -> None:
    administrator, _ = await site.signed_in(Role.ADMINISTRATOR)
    former, former_id = await site.signed_in(Role.ADMINISTRATOR)
    codes = {}
    for issuer in (administrator, former):
        member_id = await site.add_member(password=None)
        codes[member_id] = (await issuer.post(f"/api/v1/members/{member_id}/activation")).body["code"]
    await administrator.send("PUT", f"/api/v1/members/{former_id}/roles", json={"roles": []})
    entered = []
    for member_id, code in codes.items():
        path = f"/api/v1/members/{member_id}/roles"
        void = (await administrator.send("PUT", path, json={"roles": ["red_host"]})).body["code_void"]
        entered.append((void, (await _enter(site, site.mobiles[member_id], code))[0]))
    assert entered == [(False, 201), (True, 401)]


async def test_a_code_issued_while_roles_are_given_is_refused_or_dies(either_site: Site) -> None:
    site = either_site
    administrator, _ = await site.signed_in(Role.ADMINISTRATOR)
    staff, _ = await site.signed_in(Role.AFFAIRS_STAFF)
    for _ in range(8):
        member_id = await site.add_member(password=None)
        path = f"/api/v1/members/{member_id}"
        roster = f"姓名,手机号,身份,角色\n林晓,{site.mobiles[member_id]},正式党员,管理员\n".encode()
        issued, _ = await asyncio.gather(
            staff.post(f"{path}/activation"),
            administrator.send("POST", "/api/v1/roster", data=roster, headers={"Content-Type": "text/csv"}),
        )
        if issued.status == 200:
            assert await _enter(site, site.mobiles[member_id], issued.body["code"]) == (401, "activation_failed")
