"""The complete file of an activity: plan, who came and how, who did not and why, agenda, what was said, decided and voted on,
what was put right. The same for paper (PDF) and as a workbook (XLSX)."""

import asyncio
import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from ...core.paper import Column, Paper, Press
from ...core.spreadsheets import BEIJING, Value, Workbook
from ..model import Activity, ActivityKind, Way
from .model import Attendee, MinutesState
from .service import Shown
from .votes import Ballot, outcome, rule_of

KINDS = {
    ActivityKind.GENERAL: "支部党员大会",
    ActivityKind.COMMITTEE: "支部委员会",
    ActivityKind.GROUP: "党小组会",
    ActivityKind.LECTURE: "党课",
    ActivityKind.THEME_DAY: "主题党日",
    ActivityKind.ORG_LIFE: "组织生活会",
    ActivityKind.TALK: "谈心谈话",
    ActivityKind.OATH_RENEWAL: "重温入党誓词",
}
WAYS = {
    Way.CODE: "扫码签到",
    Way.LATE: "补签",
    Way.PROXY: "代签",
    Way.TICKED: "名单登记",
    Way.ROLL_CALL: "线上点名",
    Way.REPLAY: "回看补学",
}
STATES = {MinutesState.DRAFT: "草稿", MinutesState.SUBMITTED: "待确认", MinutesState.CONFIRMED: "已确认"}
BALLOTS = {Ballot.OPEN: "举手表决", Ballot.SECRET: "无记名投票"}
_UNFIT = re.compile(r'[\x00-\x1f\x7f"*/:<>?\\|\u200b-\u200f\u202a-\u202e\u2066-\u2069]+')

_SIGNED = (
    ("姓名", 16),
    ("支部", 24),
    ("身份", 12),
    ("表决权", 8),
    ("应到", 8),
    ("签到时间", 20),
    ("方式", 12),
    ("办理人", 14),
    ("说明", 40),
)
_ABSENT = (("姓名", 16), ("支部", 24), ("身份", 12), ("原因", 50))


def file_name(activity: Activity) -> str:
    title = " ".join(_UNFIT.sub(" ", activity.plan.title).split()).strip(" .") or "活动"
    return f"会议记录 {title} {activity.plan.starts_at.astimezone(BEIJING):%Y-%m-%d}"


async def printed(
    press: Press, shown: Shown, pictures: Mapping[str, bytes], branches: Mapping[str, str], now: datetime
) -> bytes:
    """`pictures`: of its attachments, by id."""
    return await press.printed(paper_of(shown, pictures, branches, now))


async def workbook(shown: Shown, branches: Mapping[str, str], now: datetime) -> bytes:
    return await asyncio.to_thread(_workbook, shown, branches, now)


def paper_of(shown: Shown, pictures: Mapping[str, bytes], branches: Mapping[str, str], now: datetime) -> Paper:
    plan, minutes, content = shown.activity.plan, shown.minutes, shown.minutes.content
    whose = _whose(shown.activity, branches)
    paper = Paper(f"{KINDS[plan.kind]}记录", running=f"{plan.title}　{whose}", author=whose, subject=plan.title, made_at=now)
    paper.facts(_overview(shown, branches))
    paper.heading("一、议程")
    _listed(paper, content.agenda)
    paper.heading("二、发言要点")
    for speech in content.speeches:
        paper.heading(speech.name or "（未署名）", 2)
        paper.paragraph(speech.points or "（没有记录要点）")
    if not content.speeches:
        paper.paragraph("（无）", note=True)
    paper.heading("三、决定")
    _listed(paper, content.decisions)
    paper.heading("四、表决")
    _votes(paper, shown)
    paper.heading("五、签到表")
    came = [each for each in shown.roll if each.present_at is not None]
    columns = ("姓名", 2), ("身份", 2), ("应到", 1), ("签到时间", 3), ("方式", 2), ("办理人", 2), ("说明", 3)
    paper.table([Column(name, share) for name, share in columns], [_signed_row(each) for each in came])
    paper.heading("六、缺席")
    absent = [each for each in shown.roll if each.expected and each.present_at is None]
    rows = [[each.name, each.status.label, each.absence or "（没有说明）"] for each in absent]
    if rows:
        paper.table([Column("姓名", 2), Column("身份", 2), Column("原因", 6)], rows)
    else:
        paper.paragraph("（无人缺席）", note=True)
    _amended(paper, shown)
    if shown.attachments:
        paper.heading("附件")
        listed = [Column("名称", 4), Column("字节", 2, "right"), Column("添加", 3), Column("SHA-256", 6)]
        rows = [
            [each.name, f"{each.size:,}", f"{shown.name(each.by) or ''} {_at(each.at)}", each.sha256]
            for each in shown.attachments
        ]
        paper.table(listed, rows)
        for each in shown.attachments:
            if each.id in pictures:
                paper.picture(pictures[each.id], each.name)
    if plan.intro:
        paper.heading("活动说明（事前）")
        paper.paragraph(plan.intro)
    state = "" if minutes.state is MinutesState.CONFIRMED else f"本记录为{STATES[minutes.state]}，尚未确认。"
    paper.paragraph(f"{state}生成于 {_at(now)}（北京时间）", note=True)
    return paper


def _listed(paper: Paper, texts: tuple[str, ...]) -> None:
    if texts:
        paper.items(texts)
    else:
        paper.paragraph("（无）", note=True)


def _votes(paper: Paper, shown: Shown) -> None:
    rule = rule_of(shown.activity.plan.kind)
    motions = shown.minutes.content.motions
    if not motions:
        paper.paragraph("（无）", note=True)
    for number, motion in enumerate(motions, 1):
        came = outcome(rule, shown.turnout, motion)
        paper.heading(f"{number}. {motion.title or '（未写事项）'}", 2)
        columns = [Column(each, align="center") for each in ("方式", "同意", "反对", "弃权", "未投票", "结果")]
        left = str(max(0, came.present - motion.cast))
        counts = [str(motion.in_favour), str(motion.against), str(motion.abstained), left]
        paper.table(columns, [[BALLOTS[motion.ballot], *counts, "通过" if came.passed else "未通过"]])
        paper.paragraph(came.words)


def _amended(paper: Paper, shown: Shown) -> None:
    if shown.amendments:
        paper.heading("七、确认之后的更正")
        columns = [Column("时间", 3), Column("更正人", 2), Column("内容", 6), Column("原因", 4)]
        rows = [[_at(each.at), shown.name(each.by) or "", each.text, each.reason] for each in shown.amendments]
        paper.table(columns, rows)


def _overview(shown: Shown, branches: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    plan, minutes, content, turnout = shown.activity.plan, shown.minutes, shown.minutes.content, shown.turnout
    yield "标题", plan.title
    yield "类型", KINDS[plan.kind]
    yield "组织", _whose(shown.activity, branches)
    yield "计划时间", f"{_at(plan.starts_at)} 至 {_at(plan.ends_at)}"
    if content.held_from or content.held_until:
        yield "实际时间", f"{_at(content.held_from)} 至 {_at(content.held_until)}"
    yield "地点", content.place or plan.place or "（未写）"
    yield "主持人", shown.name(minutes.chair_id) or "（未指定）"
    yield "记录人", shown.name(minutes.recorder_id) or "（未指定）"
    yield "应到", f"{turnout.expected} 人，其中有表决权 {turnout.voters} 人"
    yield "实到", f"{turnout.present} 人，其中应到且有表决权 {turnout.voters_present} 人"
    yield "状态", STATES[minutes.state]
    if minutes.submitted_at:
        yield "提交", f"{shown.name(minutes.submitted_by) or ''} {_at(minutes.submitted_at)}"
    if minutes.confirmed_at:
        yield "确认", f"{shown.name(minutes.confirmed_by) or ''} {_at(minutes.confirmed_at)}"


def _workbook(shown: Shown, branches: Mapping[str, str], now: datetime) -> bytes:
    book, content = Workbook(), shown.minutes.content
    rule = rule_of(shown.activity.plan.kind)
    book.sheet(
        "概况", (("项目", 16), ("内容", 60)), [*_overview(shown, branches), ("生成", now), ("说明", shown.activity.plan.intro)]
    )
    book.sheet("议程", (("序号", 8), ("议程", 80)), enumerate(content.agenda, 1))
    book.sheet("发言要点", (("发言人", 16), ("要点", 100)), [(each.name, each.points) for each in content.speeches])
    book.sheet("决定", (("序号", 8), ("决定", 100)), enumerate(content.decisions, 1))
    votes: list[tuple[Value, ...]] = []
    for motion in content.motions:
        came = outcome(rule, shown.turnout, motion)
        counts = (motion.in_favour, motion.against, motion.abstained, came.voters, came.present)
        votes.append((motion.title, BALLOTS[motion.ballot], *counts, "通过" if came.passed else "未通过", came.words))
    heads = (("事项", 40), ("方式", 12), ("同意", 8), ("反对", 8), ("弃权", 8), ("应到有表决权", 14), ("实到有表决权", 14))
    book.sheet("表决", (*heads, ("结果", 10), ("依据", 80)), votes)
    book.sheet("签到表", _SIGNED, [_sheet_row(each) for each in shown.roll if each.present_at is not None])
    absent = [each for each in shown.roll if each.expected and each.present_at is None]
    rows = [(each.name, each.branch_name or "", each.status.label, each.absence or "") for each in absent]
    book.sheet("缺席", _ABSENT, rows)
    amended = [(each.at, shown.name(each.by) or "", each.text, each.reason) for each in shown.amendments]
    book.sheet("更正", (("时间", 20), ("更正人", 16), ("内容", 60), ("原因", 40)), amended)
    listed = [(each.name, each.kind, each.size, shown.name(each.by) or "", each.at, each.sha256) for each in shown.attachments]
    named = (("名称", 40), ("格式", 8), ("字节", 12), ("添加人", 16), ("时间", 20), ("SHA-256", 70))
    book.sheet("附件", named, listed)
    return book.content()


def _signed_row(each: Attendee) -> list[str]:
    way = "" if each.way is None else WAYS[Way(each.way)]
    return [
        each.name,
        each.status.label,
        "是" if each.expected else "列席",
        _at(each.present_at),
        way,
        each.by or "",
        each.reason,
    ]


def _sheet_row(each: Attendee) -> tuple[Value, ...]:
    way = "" if each.way is None else WAYS[Way(each.way)]
    voting, expected = "有" if each.voting else "无", "是" if each.expected else "列席"
    told = (each.present_at, way, each.by or "", each.reason)
    return (each.name, each.branch_name or "", each.status.label, voting, expected, *told)


def _whose(activity: Activity, branches: Mapping[str, str]) -> str:
    branch = activity.plan.branch_id
    return "党委" if branch is None else branches.get(branch, "党支部")


def _at(moment: datetime | None) -> str:
    return "（未写）" if moment is None else f"{moment.astimezone(BEIJING):%Y-%m-%d %H:%M}"
