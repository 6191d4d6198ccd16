"""A publication on paper: by branch, in the order of names, with the ends of the chains it stands on. Pure."""

from collections.abc import Sequence
from datetime import date, datetime

from ..core.paper import Align, Column, Paper
from ..core.signing import Certificate
from .model import CHINA, Aspect
from .publication import Publication, Published
from .publishing import HeadedBranch

_RIGHT: Align = "right"


def paper(
    publication: Publication, branches: Sequence[tuple[HeadedBranch, Sequence[Published]]], certificate: Certificate
) -> Paper:
    made = Paper(publication.title, subject="积分公示", made_at=publication.opened_at)
    made.facts(
        [
            ("公示内容", f"{publication.year}年1月1日至{_day(publication.until)}的积分"),
            ("开始公示", "" if publication.opened_at is None else _moment(publication.opened_at)),
            ("公示截止", "" if publication.closes_on is None else _day(publication.closes_on)),
            ("人数", f"{sum(len(rows) for _, rows in branches)} 人，按支部和姓名排列，不排名次"),
        ]
    )
    for branch, rows in branches:
        made.heading(f"{branch.name}（{len(rows)} 人）")
        made.table(_columns(), [_row(publication, each) for each in rows])
    made.heading("存证")
    made.paragraph("每个支部的积分台账公示到第几条，以及这一条的校验码。之前的任何一条被改动，校验码都会不同。")
    made.table(
        [Column("支部", 3), Column("公示到第几条", 1.6, _RIGHT), Column("校验码", 6)],
        [(branch.name, str(branch.number), branch.hash or "还没有记录") for branch, _ in branches],
    )
    made.paragraph(_statement(certificate))
    return made


def _columns() -> list[Column]:
    aspects = [Column(aspect.label, 1, _RIGHT) for aspect in Aspect]
    return [Column("姓名", 3), Column("基础", 1.2, _RIGHT), *aspects, Column("扣分", 1.2, _RIGHT), Column("总分", 1.8, _RIGHT)]


def _row(publication: Publication, row: Published) -> Sequence[str]:
    total = "不参评" if row.exempt else "一票否决" if row.vetoed else _points(row.score)
    added = (_points(row.added[aspect]) for aspect in Aspect)
    return [row.name, _points(publication.scale.base), *added, _points(row.deducted), total]


def _statement(certificate: Certificate) -> str:
    words = f"本文件由本系统的证书签名，证书 SHA-256 指纹：{certificate.shown}"
    return f"{words}；自签证书只能通过核对指纹证明未被改动。" if certificate.self_signed else f"{words}。"


def _points(tenths: int) -> str:
    return f"{tenths / 10:g}"


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _moment(at: datetime) -> str:
    here = at.astimezone(CHINA)
    return f"{_day(here)} {here:%H:%M}"
