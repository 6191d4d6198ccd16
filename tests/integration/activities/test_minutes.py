"""The record of a meeting: written, handed in, confirmed by another, amended; and its files."""

import asyncio
import hashlib
import io
import os
from dataclasses import dataclass
from typing import Any

from openpyxl import load_workbook
from PIL import Image
from pypdf import PdfReader

from server.activities import MINUTES
from server.core.ids import new_id
from server.identity import Role, Status
from tests.integration.activities.desk import ACTIVITIES, branch, soon
from tests.integration.broadcasts.site import Answer, Person, Site

TEXT: dict[str, Any] = {
    "place": "三楼党员活动室",
    "agenda": ["传达学习文件", "讨论接收预备党员"],
    "speeches": [{"name": "林晓", "points": "一是学习。\n二是行动。"}],
    "decisions": ["同意接收"],
    "motions": [{"title": "接收预备党员", "ballot": "secret", "in_favour": 2, "against": 0, "abstained": 0}],
}


@dataclass
class Meeting:
    """A general meeting of a branch: four full members and a probationary one are expected."""

    secretary: Person
    recorder: Person
    chair: Person
    member: Person
    probationary: Person
    path: str

    @property
    def record(self) -> str:
        return f"{self.path}/record"

    async def look(self, who: Person | None = None) -> Any:
        answer = await (who or self.secretary).get(self.record)
        assert answer.status == 200, answer.raw.decode()
        return answer.body

    async def save(self, who: Person, text: dict[str, Any] = TEXT, *, version: int | None = None) -> Answer:
        seen = (await self.look(who))["version"] if version is None else version
        return await who.send("PUT", self.record, {**text, "version": seen})

    async def move(self, who: Person, name: str, body: Any = None) -> Answer:
        return await who.post(f"{self.record}/{name}", body or {"version": (await self.look())["version"]})

    async def close(self) -> None:
        for name in ("open", "close"):
            assert (await self.secretary.post(f"{self.path}/{name}")).status == 200


async def convened(site: Site, **more: Any) -> Meeting:
    secretary = await site.person(Role.BRANCH_SECRETARY, name="祝以宁")
    recorder, chair, member = [await site.person(name=name) for name in ("䶮堃", "闻小满", "林晓")]
    probationary = await site.person(name="喆喆", status=Status.PROBATIONARY)
    await branch(site, "生产第一党支部", secretary, recorder, chair, member, probationary)
    plan = {"kind": "general", "title": "第三季度支部党员大会", "starts_at": soon(), **more}
    made = await secretary.post(ACTIVITIES, plan)
    assert made.status == 201, made.raw.decode()
    meeting = Meeting(secretary, recorder, chair, member, probationary, f"{ACTIVITIES}/{made.body['id']}")
    named = {"chair": chair.id, "recorder": recorder.id}
    assert (await secretary.send("PUT", f"{meeting.record}/people", named)).status == 200
    return meeting


async def handed_in(site: Site) -> Meeting:
    meeting = await convened(site)
    assert (await meeting.secretary.post(f"{meeting.path}/open")).status == 200
    there = [each.id for each in (meeting.recorder, meeting.chair, meeting.probationary)]
    marks = {"members": there, "way": "ticked"}
    assert (await meeting.secretary.post(f"{meeting.path}/presences", marks)).status == 200
    excused = {"member": meeting.member.id, "reason": "出差"}
    assert (await meeting.secretary.post(f"{meeting.path}/absences", excused)).status == 204
    assert (await meeting.secretary.post(f"{meeting.path}/close")).status == 200
    assert (await meeting.save(meeting.recorder)).status == 200
    answer = await meeting.move(meeting.recorder, "submit")
    assert answer.status == 200, answer.raw.decode()
    return meeting


async def test_a_record_is_written_handed_in_and_confirmed_by_another(either: Site) -> None:
    meeting = await handed_in(either)
    body = await meeting.look()
    assert body["turnout"] == {"expected": 5, "present": 3, "voters": 4, "voters_present": 2}
    (motion,) = body["motions"]
    assert (motion["quorate"], motion["passed"], motion["needed"]) == (True, False, 3)
    assert motion["words"].startswith("应到有表决权的党员 4 人，实到 2 人，达到半数；同意 2 票")
    assert (await meeting.member.get(meeting.record)).status == 404, "not before it is confirmed"
    refused = await meeting.move(meeting.recorder, "confirm")
    assert (refused.status, refused.code) == (403, "confirmer_needed")
    assert (await meeting.save(meeting.recorder)).code == "record_state"
    for _ in range(2):
        assert (await meeting.move(meeting.chair, "confirm")).body["state"] == "confirmed"
    read = await meeting.look(meeting.member)
    assert [each["absence"] for each in read["people"]] == [None] * 5, "why others were absent is not told"
    assert {each["absence"] for each in (await meeting.look())["people"]} == {None, "出差"}


async def test_two_who_confirm_at_once_confirm_it_once(either: Site) -> None:
    meeting = await handed_in(either)
    version = {"version": (await meeting.look())["version"]}
    answers = await asyncio.gather(
        *(each.post(f"{meeting.record}/confirm", version) for each in (meeting.chair, meeting.secretary))
    )
    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].body["confirmed_by"] == answers[1].body["confirmed_by"]
    assert answers[0].body["version"] == version["version"] + 1


async def test_two_who_write_at_once_lose_nothing(either: Site) -> None:
    meeting = await convened(either)
    version = (await meeting.look())["version"]
    texts = [{**TEXT, "agenda": [each]} for each in ("甲", "乙")]
    answers = await asyncio.gather(
        meeting.save(meeting.recorder, texts[0], version=version), meeting.save(meeting.secretary, texts[1], version=version)
    )
    (won,) = [each for each in answers if each.status == 200]
    (lost,) = [each for each in answers if each.status == 409]
    assert lost.code == "record_changed"
    assert lost.body["record"]["agenda"] == won.body["agenda"], "the newer text comes with the refusal"
    assert lost.body["record"]["saved_by"] == won.body["saved_by"]
    again = await meeting.save(meeting.recorder, texts[0], version=lost.body["record"]["version"])
    assert again.body["agenda"] == ["甲"]
    repeated = await meeting.save(meeting.recorder, texts[0], version=lost.body["record"]["version"])
    assert repeated.status == 200, "an answer that got lost"
    assert repeated.body["version"] == again.body["version"]


async def test_what_is_confirmed_stays_and_is_amended_beside(site: Site) -> None:
    meeting = await handed_in(site)
    assert (await meeting.move(meeting.secretary, "confirm")).status == 200
    before = await meeting.look()
    assert (await meeting.save(meeting.secretary, {**TEXT, "decisions": ["另一个"]})).code == "record_state"
    late = {"members": [meeting.member.id], "way": "late_checkin", "reason": "补"}
    assert (await meeting.secretary.post(f"{meeting.path}/presences", late)).status == 200
    assert (await meeting.look())["turnout"] == before["turnout"], "the list is frozen with it"
    amendment = {"text": "反对票应为 1 票", "reason": "唱票笔误", "client_id": new_id()}
    for _ in range(2):
        answer = await meeting.move(meeting.recorder, "amendments", amendment)
        assert [each["text"] for each in answer.body["amendments"]] == ["反对票应为 1 票"]
    other = await meeting.move(meeting.recorder, "amendments", {**amendment, "text": "别的"})
    assert (other.status, other.code) == (409, "client_id_reused")
    assert (await meeting.move(meeting.member, "amendments", amendment)).code == "recorder_needed"
    after = await meeting.look()
    assert after["amendments"][0]["by"] == "䶮堃"
    assert (after["motions"], after["decisions"]) == (before["motions"], before["decisions"])


async def test_it_is_sent_back_with_a_reason_and_taken_back_by_its_writer(site: Site) -> None:
    meeting = await handed_in(site)
    assert (await meeting.move(meeting.chair, "return", {"reason": " "})).code == "reason_needed"
    back = await meeting.move(meeting.chair, "return", {"reason": "补上列席人员"})
    assert (back.body["state"], back.body["returned"]) == ("draft", "补上列席人员")
    stale = await meeting.recorder.post(f"{meeting.record}/submit", {"version": 1})
    assert stale.code == "record_changed"
    assert (await meeting.move(meeting.recorder, "submit")).body["returned"] == ""
    assert (await meeting.move(meeting.recorder, "return", {"reason": "漏了一项"})).body["state"] == "draft"


async def test_what_does_not_hold_together_is_refused(site: Site) -> None:
    meeting = await convened(site)
    stranger = await site.person(name="外人")
    for named, code in (
        ({"chair": meeting.chair.id, "recorder": meeting.chair.id}, "same_person"),
        ({"chair": stranger.id, "recorder": None}, "member_not_found"),
        ({"chair": new_id(), "recorder": None}, "member_not_found"),
    ):
        assert (await meeting.secretary.send("PUT", f"{meeting.record}/people", named)).code == code
    assert (await meeting.move(meeting.recorder, "submit")).code == "activity_not_over"
    await meeting.close()
    assert (await meeting.move(meeting.recorder, "submit")).code == "record_incomplete"
    assert (await meeting.save(meeting.recorder)).status == 200
    assert (await meeting.move(meeting.recorder, "submit")).code == "votes_too_many", "nobody had come"
    assert (await meeting.move(meeting.secretary, "submit")).code == "recorder_needed"
    assert (await meeting.member.get(meeting.record)).status == 404
    assert (await stranger.get(meeting.record)).code == "activity_not_found"
    assert (await meeting.member.send("PUT", meeting.record, {**TEXT, "version": 0})).code == "record_not_found"


async def test_who_chairs_is_told_what_waits_to_be_confirmed(either: Site) -> None:
    meeting = await handed_in(either)

    async def waiting(who: Person) -> list[tuple[str, str]]:
        return [(each["title"], each["by"]) for each in (await who.get("/api/v1/me/records")).body["items"]]

    assert await waiting(meeting.chair) == [("第三季度支部党员大会", "䶮堃")]
    assert [await waiting(each) for each in (meeting.recorder, meeting.secretary, meeting.member)] == [[], [], []]
    assert (await meeting.move(meeting.recorder, "return", {"reason": "补"})).status == 200
    assert await waiting(meeting.chair) == []
    assert (await meeting.move(meeting.recorder, "submit")).status == 200
    assert len(await waiting(meeting.chair)) == 1
    assert (await meeting.move(meeting.chair, "confirm")).status == 200
    assert await waiting(meeting.chair) == []


async def test_the_complete_file_for_paper_and_as_a_workbook(site: Site) -> None:
    meeting = await handed_in(site)
    formula = '=HYPERLINK("http://x")'
    assert (await meeting.move(meeting.recorder, "return", {"reason": "补"})).status == 200
    assert (await meeting.save(meeting.recorder, {**TEXT, "decisions": [formula]})).status == 200
    for extension in ("pdf", "xlsx"):
        assert (await meeting.member.get(f"{meeting.record}.{extension}")).status == 404
    printed = await meeting.chair.get(f"{meeting.record}.pdf")
    assert printed.headers["Content-Type"] == "application/pdf"
    assert "no-store" in printed.headers["Cache-Control"]
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(printed.raw)).pages)
    for words in ("䶮堃", "传达学习文件", "二是行动。", formula, "名单登记", "出差", "达到半数；同意 2 票", "尚未确认"):
        assert words in text
    made = await meeting.recorder.get(f"{meeting.record}.xlsx")
    book = load_workbook(io.BytesIO(made.raw))
    cell = book["决定"]["B2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (formula, "s", True)
    assert {row[0].value for row in book["缺席"].iter_rows(min_row=2)} == {"祝以宁", "林晓"}
    assert {row[0].value for row in book["签到表"].iter_rows(min_row=2)} == {"䶮堃", "闻小满", "喆喆"}


async def test_those_in_charge_see_what_is_due_and_the_committee_all_branches(either: Site) -> None:
    meeting = await handed_in(either)
    assert (await meeting.move(meeting.chair, "confirm")).status == 200
    assert (await meeting.member.get("/api/v1/activity-plans")).code == "organiser_needed"
    own = (await meeting.secretary.get("/api/v1/activity-plans")).body
    (mine,) = own["items"]
    general = next(each for each in mine["duties"] if each["kind"] == "general")
    assert (general["held"], general["confirmed"], general["missed"]) == (1, 1, 0)
    assert not next(each for each in mine["duties"] if each["kind"] == "committee")["applies"], "four full members"
    staff = await either.person(Role.AFFAIRS_STAFF)
    await branch(either, "西北党支部")
    everything = (await staff.get(f"/api/v1/activity-plans?year={own['year']}")).body["items"]
    assert [each["branch_name"] for each in everything] == ["生产第一党支部", "西北党支部"]
    assert everything[0] == mine


def photograph() -> bytes:
    """With a place in its EXIF, lying on its side."""
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "113.26E 23.13N"
    Image.new("RGB", (40, 30), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


async def test_pictures_are_kept_without_what_hides_in_them_and_for_readers_alone(either: Site) -> None:
    meeting = await handed_in(either)
    path = f"{meeting.record}/attachments"
    answers = await asyncio.gather(*(meeting.recorder.post(f"{path}?name=../会场.jpg", photograph()) for _ in range(2)))
    assert [answer.status for answer in answers] == [200, 200]
    ((one,), (same,)) = (answer.body["attachments"] for answer in answers)
    assert one == same, "the same content is there once"
    assert (one["name"], one["kind"], one["by"], one["later"]) == ("会场.jpg", "jpeg", "䶮堃", False)
    assert len(list((either.data_dir / "attachments").iterdir())) == 1
    assert (await meeting.member.get(f"{path}/{one['id']}")).code == "record_not_found", "not before it is confirmed"
    assert (await meeting.recorder.send("DELETE", f"{path}/{one['id']}")).code == "record_state", "it is handed in"
    assert (await meeting.move(meeting.chair, "confirm")).status == 200
    given = await meeting.member.get(f"{path}/{one['id']}")
    assert hashlib.sha256(given.raw).hexdigest() == one["sha256"]
    assert (given.headers["Content-Type"], given.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    picture = Image.open(io.BytesIO(given.raw))
    assert (picture.size, dict(picture.getexif())) == ((30, 40), {})
    again = await meeting.member.get(f"{path}/{one['id']}", headers={"If-None-Match": given.headers["ETag"]})
    assert again.status == 304
    assert (await meeting.member.post(path, photograph())).code == "recorder_needed"
    late = await meeting.secretary.post(f"{path}?name=通知.pdf", b"%PDF-1.7\nlate\n%%EOF\n")
    assert [each["later"] for each in late.body["attachments"]] == [False, True]
    paper = await meeting.member.get(f"{path}/{late.body['attachments'][1]['id']}")
    assert paper.headers["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in paper.headers["Content-Security-Policy"]
    printed = PdfReader(io.BytesIO((await meeting.chair.get(f"{meeting.record}.pdf")).raw))
    assert [image.image.size for page in printed.pages for image in page.images if image.image] == [(30, 40)]
    for each in (either.data_dir / "attachments").iterdir():
        each.write_bytes(b"damaged")
    assert (await meeting.chair.get(f"{meeting.record}.pdf")).status == 200, "without the picture rather than not at all"


async def test_files_are_what_their_content_says(site: Site) -> None:
    meeting = await convened(site)
    path = f"{meeting.record}/attachments"
    for data, code in (
        (b"<svg onload=alert(1)>", "file_kind"),
        (b"\xff\xd8\xff rubbish", "picture_invalid"),
        (b"%PDF-1.7 cut off", "pdf_invalid"),
        (b"", "file_kind"),
        (b"%PDF-" + bytes(16 * 1024 * 1024), "file_too_large"),
    ):
        assert (await meeting.recorder.post(f"{path}?name=a.jpg", data)).code == code
    kept = (await meeting.recorder.post(path, photograph())).body["attachments"][0]
    assert (await meeting.recorder.send("DELETE", f"{path}/{kept['id']}")).body["attachments"] == []
    assert not list((site.data_dir / "attachments").iterdir())


async def test_files_of_uploads_that_were_cut_off_are_swept(site: Site) -> None:
    meeting = await convened(site)
    kept = (await meeting.recorder.post(f"{meeting.record}/attachments", photograph())).body["attachments"][0]
    folder = site.data_dir / "attachments"
    orphan, fresh = folder / f"{new_id()}.jpg", folder / f"{new_id()}.pdf"
    for path in (orphan, fresh):
        path.write_bytes(b"cut off")
    for path in (orphan, folder / f"{kept['id']}.jpg"):
        os.utime(path, (0, 0))
    await site.server.app[MINUTES].sweep()
    assert {path.name for path in folder.iterdir()} == {f"{kept['id']}.jpg", fresh.name}
