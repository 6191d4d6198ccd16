"""Appraisals (评议); there is none of that id, and nobody here has one to take part in."""

from server.core.ids import new_id

from .people import BRANCH_SECRETARIES, COMMITTEE, PARTY
from .row import Row, Rows, only

APPRAISALS, OWN_APPRAISALS = "/api/v1/appraisals", "/api/v1/me/appraisals"
APPRAISAL_DESK = (*BRANCH_SECRETARIES, *COMMITTEE)
MARKS = dict.fromkeys(("de", "neng", "qin", "ji", "lian"), "good")

ROWS: Rows = {
    ("GET", OWN_APPRAISALS): Row(only(200, *PARTY)),
    ("PUT", OWN_APPRAISALS + "/{appraisal}/self"): Row(
        only(404, *PARTY),
        json={"marks": MARKS, "grade": "qualified", "words": "认真履职"},
        path=OWN_APPRAISALS + "/{id}/self",
    ),
    ("POST", OWN_APPRAISALS + "/{appraisal}/peers"): Row(
        only(404, *PARTY), json={"sheet": []}, path=OWN_APPRAISALS + "/{id}/peers"
    ),
    ("POST", OWN_APPRAISALS + "/{appraisal}/objection"): Row(
        only(404, *PARTY), json={"text": "请再看看"}, path=OWN_APPRAISALS + "/{id}/objection"
    ),
    ("GET", APPRAISALS): Row(only(200, *APPRAISAL_DESK)),
    ("POST", APPRAISALS): Row(
        only(404, *APPRAISAL_DESK),
        json={"branch": new_id(), "year": 2026, "self_until": "2030-01-01", "peers_until": "2030-01-02"},
    ),
    **{
        (method, APPRAISALS + "/{appraisal}" + path): Row(
            only(404, *APPRAISAL_DESK), json=body, path=(APPRAISALS + "/{id}" + path).replace("{member}", "{id}")
        )
        for method, path, body in (
            ("GET", "", None),
            ("PUT", "/members/{member}", {"grade": "qualified", "opinion": "表现良好"}),
            ("POST", "/members/{member}/answer", {"state": "rejected", "text": "核对无误"}),
            ("POST", "/close", None),
            ("POST", "/submit", None),
            ("POST", "/confirm", None),
            ("POST", "/return", {"text": "请再研究"}),
            ("GET", "/result.xlsx", None),
            ("GET", "/result.pdf", None),
        )
    },
}
