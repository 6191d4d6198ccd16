"""Talks and what is said in them; the fresh one is open, and between two others: it is like none, for whoever asks."""

from .row import Row, Rows, signed_in

TALK, CONVERSATION = "/api/v1/talks/{talk}", "/api/v1/conversations/{conversation}"

ROWS: Rows = {
    ("GET", "/api/v1/me/talks"): Row(signed_in(200)),
    ("GET", "/api/v1/me/talks/figures"): Row(signed_in(200)),
    ("GET", TALK): Row(signed_in(404)),
    ("GET", f"{TALK}/ice"): Row(signed_in(404)),
    ("POST", f"{TALK}/extend"): Row(signed_in(404), json={"agree": True}),
    ("POST", f"{TALK}/end"): Row(signed_in(404)),
    ("POST", f"{TALK}/keeping"): Row(signed_in(404), json={"nothing": True}),
    ("POST", f"{TALK}/erase"): Row(signed_in(404)),
    ("PUT", f"{TALK}/rating"): Row(signed_in(404), json={"stars": 5}),
    ("PUT", f"{TALK}/wish"): Row(signed_in(404), json={"again": True}),
    ("PUT", f"{TALK}/note"): Row(signed_in(404), json={"text": "回访"}),
    ("POST", f"{TALK}/summary"): Row(signed_in(404), json={"text": "纪要"}),
    ("POST", f"{TALK}/summary/agree"): Row(signed_in(404), json={"hash": "0" * 64}),
    ("POST", f"{TALK}/summary/decline"): Row(signed_in(404)),
    ("GET", f"{CONVERSATION}/messages"): Row(signed_in(404)),
    ("POST", f"{CONVERSATION}/blobs"): Row(signed_in(404), data=b"sealed", path=f"{CONVERSATION}/blobs?kind=picture"),
    ("GET", f"{CONVERSATION}/blobs/{{blob}}"): Row(signed_in(404)),
}
