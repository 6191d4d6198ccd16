"""Posters, QR codes and calendar entries over HTTP."""

import io

from PIL import Image

from server.broadcasts.limits import MAX_POSTER_BYTES
from tests.integration.broadcasts.site import Site


def _picture(colour: str, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), colour).save(out, kind)
    return out.getvalue()


async def test_a_poster_is_kept_shown_replaced_and_removed(site: Site) -> None:
    host, viewer = await site.host(), await site.person()
    made = await host.schedule()
    path, folder = f"/api/v1/broadcasts/{made['id']}/poster", site.data_dir / "posters"
    assert made["poster_url"] is None
    shown = (await host.send("PUT", path, _picture("red"))).body["poster_url"]
    answer = await viewer.get(shown)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert answer.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with Image.open(io.BytesIO(answer.raw)) as picture:
        assert picture.size == (1280, 720)
    again = await viewer.get(f"{path}.jpg", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status, again.raw, again.headers["ETag"]) == (304, b"", answer.headers["ETag"])
    assert again.headers["Cache-Control"] == "private, no-cache"
    replaced = (await host.send("PUT", path, _picture("blue", "WEBP"))).body["poster_url"]
    assert replaced != shown
    assert (await viewer.get(f"{path}.jpg", headers={"If-None-Match": answer.headers["ETag"]})).status == 200
    assert len(list(folder.iterdir())) == 1, "the picture before is gone"
    assert (await host.send("DELETE", path)).body["poster_url"] is None
    assert (await viewer.get(f"{path}.jpg")).code == "poster_not_found"
    assert list(folder.iterdir()) == []


async def test_what_is_no_picture_is_refused_before_it_costs_anything(site: Site) -> None:
    host, other = await site.host(), await site.host("江一苇")
    made = await host.schedule()
    path = f"/api/v1/broadcasts/{made['id']}/poster"
    for data, status, code in (
        (b"<svg/>", 415, "picture_needed"),
        (_picture("red", "JPEG")[:300], 422, "picture_invalid"),
        (_picture("red") + bytes(MAX_POSTER_BYTES), 413, "poster_too_large"),
    ):
        answer = await host.send("PUT", path, data)
        assert (answer.status, answer.code) == (status, code)
    assert (await other.send("PUT", path, _picture("red"))).code == "host_needed"
    assert (await host.look(made))["poster_url"] is None


async def test_the_calendar_entry_is_a_file_with_the_title_in_its_name(site: Site) -> None:
    made = await (await site.host()).schedule(title='学习"两会" / 党课')
    answer = await (await site.person()).get(f"/api/v1/broadcasts/{made['id']}/calendar.ics")
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    kind, plain, extended = answer.headers["Content-Disposition"].split("; ")
    assert (kind, plain) == ("attachment", 'filename="hongbo-2030-07-01.ics"')
    assert extended == "filename*=UTF-8''%E5%AD%A6%E4%B9%A0%20%E4%B8%A4%E4%BC%9A%20%E5%85%9A%E8%AF%BE%202030-07-01.ics"
    assert f"UID:{made['id']}@localhost\r\n".encode() in answer.raw
    assert b"URL:" + made["link"].encode() + b"\r\n" in answer.raw


async def test_the_qr_code_is_a_picture_of_the_link(site: Site) -> None:
    made = await (await site.host()).schedule()
    answer = await (await site.person()).get(f"/api/v1/broadcasts/{made['id']}/qr.svg")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/svg+xml")
    assert answer.raw.lstrip().startswith(b"<?xml")
    assert b"<script" not in answer.raw


async def test_paths_that_try_to_leave_the_folder_find_nothing(site: Site) -> None:
    host = await site.host()
    for name in (
        "..%2f..%2fhongbo.db",
        "%2e%2e",
        "..",
        ".",
        "%00",
        "x" * 300,
        "hongbo.db",
        "01a20a2c-f07d-730a-8fa5-3dbcf6320f5%2f",
    ):
        for part in ("poster.jpg", "download.mp4", "calendar.ics", "qr.svg"):
            assert (await host.get(f"/api/v1/broadcasts/{name}/{part}")).status == 404
