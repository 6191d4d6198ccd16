"""Word lists over HTTP; what an authority is handed; and the audit, in which a change shows."""

import csv
import hashlib
import io
import json
import zipfile
from typing import Any

from sqlalchemy import text

from server.app import AUDIT
from server.comments import COMMENTS
from server.core.ids import new_id
from server.identity import Role
from server.moderation import MODERATION
from tests.integration.broadcasts.site import Site
from tests.integration.comments.test_room import on_air, visit
from tests.integration.moderation.desk import decide, listed, moderator
from tests.support.wait import until

LISTS = "/api/v1/word-lists"


async def test_a_list_is_made_filled_tried_exported_and_dropped(any_site: Site) -> None:
    site = any_site
    guide = await moderator(site)
    list_id = await listed(guide, "hold", ["加微信", "红包"], name="广告")
    assert (await guide.post(LISTS, {"name": "广告hold", "action": "mark"})).code == "name_taken"
    (one,) = (await guide.get(LISTS)).body["items"]
    assert (one["name"], one["action"], one["words"]) == ("广告hold", "hold", 2)
    tried = (await guide.post(f"{LISTS}/test", {"text": "快 加\u200b 微 信 领"})).body
    (hit,) = tried["hits"]
    assert (tried["outcome"], hit["list"], hit["word"]) == ("hold", "广告hold", "加微信")
    assert tried["text"][hit["start"] : hit["end"]] == "加 微 信"
    assert (await guide.send("PATCH", f"{LISTS}/{list_id}", {"action": "refuse", "name": "拉人"})).body["name"] == "拉人"
    assert (await guide.post(f"{LISTS}/test", {"text": "加微信"})).body["outcome"] == "refuse"
    bad = await guide.send("PATCH", f"{LISTS}/{list_id}/words", {"add": ["好词", "！！"], "remove": ["红包"]})
    assert (bad.code, bad.body["words"][0]["word"]) == ("word_invalid", "！！")
    page = (await guide.get(f"{LISTS}/{list_id}/words?q=包")).body
    assert page == {"items": ["红包"], "next": None, "total": 1}
    csv_file = await guide.get(f"{LISTS}/{list_id}/export?format=csv")
    assert "attachment" in csv_file.headers["Content-Disposition"]
    assert csv_file.raw.decode("utf-8-sig").split() == ["词语", "加微信", "红包"]
    assert (await guide.get(f"{LISTS}/{list_id}/export")).raw.decode().split() == ["加微信", "红包"]
    assert (await guide.send("DELETE", f"{LISTS}/{list_id}")).status == 204
    assert (await guide.post(f"{LISTS}/test", {"text": "加微信"})).body["outcome"] == "pass"


async def test_an_import_is_all_or_nothing_and_says_which_line(site: Site) -> None:
    guide = await moderator(site)
    list_id = await listed(guide, "hold", ["旧词", "都有"])
    path = f"{LISTS}/{list_id}/import"

    async def imported(content: bytes, query: str = "") -> Any:
        answer = await guide.post(f"{path}?{query}", content, headers={"Content-Type": "text/plain"})
        assert answer.status == 200, answer.raw.decode()
        return answer.body

    faulty = await imported("新词\n。。。\n".encode())
    assert (faulty["done"], [(each["line"], each["word"]) for each in faulty["faults"]]) == (False, [(2, "。。。")])
    dry = await imported("新词\n都有\n".encode("gb18030"), "replace=true&dry_run=true")
    assert (dry["done"], dry["added"], dry["removed"], dry["known"]) == (False, 1, 1, 1)
    assert (await guide.get(f"{LISTS}/{list_id}/words")).body["items"] == ["旧词", "都有"]
    done = await imported("新词\n都有\n".encode("gb18030"), "replace=true")
    assert (done["done"], done["added"], done["removed"]) == (True, 1, 1)
    assert (await guide.get(f"{LISTS}/{list_id}/words")).body["items"] == ["新词", "都有"]
    assert (await guide.post(path, b"\xff\xfe\xff\xff", headers={"Content-Type": "text/plain"})).code == "encoding_unknown"


async def test_the_evidence_holds_everything_and_shows_a_change(any_site: Site) -> None:
    site = any_site
    host, author, reporter = await site.host(), await site.person(name="封书瑶"), await site.person()
    guide = await moderator(site)
    await listed(guide, "hold", ["疑问"])
    broadcast = await on_air(site, host)
    async with await visit(site, author) as writer, await visit(site, reporter) as other, await visit(site, guide) as keeping:
        said = (await writer.say(broadcast, "=HYPERLINK(1)"))["id"]
        gone = (await writer.say(broadcast, "不该说的话"))["id"]
        held = (await writer.say(broadcast, "有疑问"))["id"]
        report = {"comment": gone, "reason": "abuse", "words": "过分", "client_id": new_id()}
        assert (await other.call("comment.report", report))["ok"]
        removal = {"comment": gone, "client_id": new_id(), "reason": "辱骂"}
        assert (await keeping.call("comment.remove", removal))["ok"]
    assert (await decide(guide, held, "reject", "与主题无关")).status == 200
    path = f"/api/v1/broadcasts/{broadcast}/mutes"
    assert (await guide.post(path, {"member": author.id, "minutes": 5, "reason": "屡劝不止"})).status == 201
    answer = await guide.get(f"/api/v1/broadcasts/{broadcast}/evidence")
    assert answer.status == 200, answer.raw.decode()
    with zipfile.ZipFile(io.BytesIO(answer.raw)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(files.pop("manifest.json"))
    assert manifest["sha256"] == {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    assert manifest["exported_by"]["id"] == guide.id

    def lines(name: str) -> list[Any]:
        return [json.loads(line) for line in files[name].splitlines()]

    told = {row["id"]: row for row in lines("said.jsonl")}
    assert [told[each]["state"] for each in (said, gone, held)] == ["said", "removed", "rejected"]
    assert [told[each]["text"] for each in (said, gone, held)] == ["=HYPERLINK(1)", "不该说的话", "有疑问"]
    assert told[gone]["author"] == {"id": author.id, "name": "封书瑶"}
    assert (told[gone]["decided_by"], told[gone]["reason"]) == (guide.id, "辱骂")
    assert all(row["media_at"] for row in told.values())
    table = list(csv.DictReader(io.StringIO(files["said.csv"].decode("utf-8-sig"))))
    assert [row["内容"] for row in table] == ["'=HYPERLINK(1)", "不该说的话", "有疑问"]
    assert [(row["reason"], row["words"]) for row in lines("reports.jsonl")] == [("abuse", "过分")]
    assert [row["reason"] for row in lines("mutes.jsonl")] == ["屡劝不止"]
    acts = [row["act"] for row in lines("audit.jsonl")]
    assert acts == ["evidence.exported", "mute.set", "held.rejected", "comment.removed"]


async def test_a_change_of_the_audit_shows(any_site: Site) -> None:
    site = any_site
    guide, viewer = await moderator(site), await site.person()
    for _ in range(3):
        assert (await guide.post("/api/v1/mutes", {"member": viewer.id, "reason": "测试"})).status == 201
    audit = site.server.app[AUDIT]
    await audit.seal()

    async def whole() -> list[str]:
        return [fault async for fault in audit.examine()]

    async def rows() -> Any:
        return (await guide.get("/api/v1/audit?act=mute.set&limit=2")).body

    page = await rows()
    assert [row["actor"]["name"] for row in page["items"]] == ["桑见远"] * 2
    assert page["items"][0]["actor"]["roles"] == [Role.MODERATOR.value]
    rest = (await guide.get(f"/api/v1/audit?act=mute.set&limit=2&after={page['next']}")).body
    assert (len(rest["items"]), rest["next"]) == (1, None)
    await until(lambda: _sealed(rows), what="the sealer")
    assert await whole() == []
    for change in ("UPDATE audit SET reason = '别的' WHERE number = 2", "DELETE FROM audit WHERE number = 3"):
        async with site.database.transaction() as session:
            await session.execute(text(change))
        assert await whole(), change


async def _sealed(rows: Any) -> bool:
    return all(row["hash"] for row in (await rows())["items"])


async def test_when_a_rooms_time_is_over_no_word_of_it_is_left_and_channels_go_on(any_site: Site) -> None:
    site = any_site
    host, author, reporter = await site.host(), await site.person(), await site.person()
    guide = await moderator(site)
    await listed(guide, "hold", ["疑问"])
    broadcast = await on_air(site, host)
    async with await visit(site, author) as writer, await visit(site, reporter) as other:
        said = (await writer.say(broadcast, "会后说的话"))["id"]
        await writer.say(broadcast, "会后的疑问")
        assert (await other.call("comment.report", {"comment": said, "reason": "spam", "client_id": new_id()}))["ok"]
        path = f"/api/v1/broadcasts/{broadcast}/mutes"
        assert (await host.post(path, {"member": author.id, "reason": "会后"})).status == 201
        async with site.database.transaction() as session:
            for purge in (site.server.app[MODERATION].purge, site.server.app[COMMENTS].purge):
                await purge(session, broadcast)
        async with site.database.reading() as session:
            for table in ("held", "reported", "reports", "mutes", "comments"):
                assert (await session.execute(text(f"SELECT count(*) FROM {table}"))).scalar_one() == 0, table  # noqa: S608
            left = (
                (await session.execute(text("SELECT data FROM journal WHERE channel NOT LIKE 'broadcast:%'"))).scalars().all()
            )
        assert not any("会后" in data for data in left)
        assert (await writer.call("subscribe", {"channel": f"member:{author.id}"}))["snapshot"]["held"] == {"latest": []}
