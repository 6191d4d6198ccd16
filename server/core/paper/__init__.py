"""Documents on paper: PDF of A4 pages with Chinese text, set by Typst with a font of ours that is embedded.

    paper = Paper("支部党员大会会议记录", subject="第三季度")
    paper.heading("一、签到情况")
    paper.facts([("应到", "32 人"), ("实到", "30 人")])
    paper.table([Column("姓名", 2), Column("时间", 3)], rows)
    content = await press.printed(paper)

A paper is plain data; nothing written in it is ever read as markup. What the font lacks prints as a box. See
docs/decisions/0502-paper-is-set-by-typst.md.
"""

from .blocks import Align, Column, Paper
from .press import Press

__all__ = ["Align", "Column", "Paper", "Press"]
