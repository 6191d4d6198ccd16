"""The report as an XLSX file: an overview, the minutes, the questions, the polls. Anonymous questions stay so."""

from collections.abc import Iterator

from ..core.spreadsheets import Value, Workbook
from .model import Report
from .names import CLOSED_BY, QUESTION_STATES, REACTIONS, STATES


def workbook(report: Report, host: str) -> bytes:
    """Takes a while for long evenings: call it off the loop."""
    kinds = sorted(report.reactions)
    book = Workbook()
    book.sheet("概况", (("项目", 24), ("内容", 40)), _overview(report, host, kinds))
    columns = [
        ("时间", 20),
        ("最多在线", 10),
        ("评论", 10),
        ("提问", 10),
        *((f"互动：{REACTIONS.get(kind, kind)}", 14) for kind in kinds),
    ]
    book.sheet("每分钟", columns, _minutes(report, kinds))
    questions = (
        ("时间", 20),
        ("提问人", 14),
        ("问题", 60),
        ("得票", 8),
        ("状态", 12),
        ("书面回答", 10),
        ("采纳", 8),
        ("移除", 8),
    )
    book.sheet("提问", questions, _questions(report))
    polls = (
        ("开始", 20),
        ("问题", 40),
        ("选项", 40),
        ("票数", 8),
        ("占投票人数", 12),
        ("投票人数", 10),
        ("结束", 20),
        ("说明", 16),
    )
    book.sheet("投票", polls, _polls(report))
    return book.content()


def _overview(report: Report, host: str, kinds: list[str]) -> Iterator[tuple[Value, ...]]:
    broadcast, viewers, questions = report.broadcast, report.viewers, report.asked.questions
    standing = [each for each in questions if each.removed is None]
    yield "标题", broadcast.title
    yield "主播", host
    yield "状态", STATES.get(broadcast.state, "")
    yield "开播", broadcast.live_at
    yield "结束", broadcast.ended_at
    yield "时长（分钟）", round(report.seconds / 60, 1)
    yield "最多同时在线", viewers.peak
    yield "达到的时间", viewers.peak_at
    yield "平均在线", None if viewers.average is None else round(viewers.average, 1)
    yield "发言、提问或投票的人数", report.people
    yield "评论", report.comments
    yield "评论人数", report.commenters
    yield "被移除的评论", report.comments_removed
    yield "提问", len(standing)
    yield "已回答的提问", sum(each.answered_at is not None for each in standing)
    yield "书面回答", sum(each.removed is None for each in report.asked.replies)
    yield "被采纳的书面回答", sum(each.adopted_id is not None for each in standing)
    yield "投票", len(report.polls.polls)
    for kind in kinds:
        yield f"互动：{REACTIONS.get(kind, kind)}", report.reactions[kind]
    if broadcast.purged_at is not None:
        yield "说明", "评论、提问和投票已过保存期，按规定删除，此表只有仍保存的内容"


def _minutes(report: Report, kinds: list[str]) -> Iterator[tuple[Value, ...]]:
    for minute in report.minutes:
        reactions = (minute.reactions[kind] for kind in kinds)
        yield (minute.at, minute.viewers, minute.comments, minute.questions, *reactions)


def _questions(report: Report) -> Iterator[tuple[Value, ...]]:
    for each in report.asked.questions:
        by = "匿名" if each.shown_by is None else each.by.name
        replies = sum(reply.question_id == each.id and reply.removed is None for reply in report.asked.replies)
        words = each.text if each.removed is None else "（已移除）"
        adopted = "是" if each.adopted_id else ""
        state = QUESTION_STATES.get(each.state.value, "")
        yield each.at, by, words, each.votes, state, replies, adopted, "" if each.removed is None else "是"


def _polls(report: Report) -> Iterator[tuple[Value, ...]]:
    for poll, tally in report.polls.polls:
        note = "已撤下" if poll.state == "removed" else CLOSED_BY.get(poll.closed_why or "", "进行中")
        for place, option in enumerate(poll.plan.options):
            count = tally.counts[place]
            share = round(count / tally.voters, 4) if tally.voters else 0
            yield poll.opened_at, poll.plan.question, option, count, share, tally.voters, poll.closed_at, note
