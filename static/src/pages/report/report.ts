/** What a report says in words and in series. Pure. */
import type { Report } from '@/api'
import { clockTime, count } from '@/core/format'

/** What the room calls its reactions; a newer server may know more. */
const REACTIONS: Readonly<Record<string, string>> = { like: '点赞', applause: '喝彩', flower: '鲜花', heart: '爱心' }

export function reactionName(kind: string): string {
  return REACTIONS[kind] ?? kind
}

export function kindsOf(report: Report): string[] {
  return Object.keys(report.reactions).sort()
}

export interface Series {
  name: string
  values: (number | null)[]
}

export interface Chart {
  /** HH:mm of each minute. */
  times: string[]
  series: Series[]
}

type Minute = Report['minutes'][number]

function chart(report: Report, series: [name: string, of: (minute: Minute) => number | null][]): Chart {
  return {
    times: report.minutes.map(({ at }) => clockTime(at)),
    series: series.map(([name, of]) => ({ name, values: report.minutes.map(of) })),
  }
}

export const viewersChart = (report: Report) => chart(report, [['在线人数', ({ viewers }) => viewers]])
export const saidChart = (report: Report) => chart(report, [['评论', ({ comments }) => comments], ['提问', ({ questions }) => questions]])
export const reactionsChart = (report: Report) =>
  chart(report, kindsOf(report).map((kind) => [reactionName(kind), ({ reactions }) => reactions[kind] ?? 0]))

/** The minute in which most of it happened; null where nothing did. */
function busiest(report: Report, of: (minute: Minute) => number): { at: string; most: number } | null {
  let found: { at: string; most: number } | null = null
  for (const minute of report.minutes) if (of(minute) > (found?.most ?? 0)) found = { at: clockTime(minute.at), most: of(minute) }
  return found
}

const sum = (values: Record<string, number>) => Object.values(values).reduce((total, each) => total + each, 0)

/** Each part of a report in one sentence: what a chart shows, for whoever does not see it. */
export function viewersWords({ viewers }: Report): string {
  if (viewers.peak === 0) return '没有在线人数的记录。'
  const when = viewers.peak_at === null ? '' : `（${clockTime(viewers.peak_at)}）`
  const average = viewers.average === null ? '' : `，平均 ${Math.round(viewers.average)} 人在看`
  return `最多 ${viewers.peak} 人同时在看${when}${average}。`
}

export function saidWords(report: Report): string {
  const { comments, questions } = report
  if (comments.posted === 0 && questions.asked === 0) return '没有评论，也没有提问。'
  const busy = busiest(report, (minute) => minute.comments)
  const heat = busy === null ? '' : `，${busy.at} 最热闹，一分钟 ${busy.most} 条`
  const removed = comments.removed === 0 ? '' : `另有 ${comments.removed} 条被移除或撤回。`
  return `${comments.people} 人发了 ${comments.posted} 条评论${heat}；提问 ${questions.asked} 个。${removed}`
}

export function reactionsWords(report: Report): string {
  const total = sum(report.reactions)
  if (total === 0) return '没有互动。'
  const kinds = kindsOf(report).map((kind) => `${reactionName(kind)} ${count(report.reactions[kind] ?? 0)} 次`)
  const busy = busiest(report, ({ reactions }) => sum(reactions))
  return `共 ${count(total)} 次互动：${kinds.join('、')}${busy === null ? '' : `；${busy.at} 最热烈，一分钟 ${count(busy.most)} 次`}。`
}

export function questionsWords({ questions }: Report): string {
  if (questions.asked === 0) return '没有人提问。'
  const parts = [`共 ${questions.asked} 个提问，现场回答 ${questions.answered} 个`]
  if (questions.replied > 0) parts.push(`书面回答 ${questions.replied} 条，采纳 ${questions.adopted} 条`)
  if (questions.removed > 0) parts.push(`另有 ${questions.removed} 个被移除或撤回`)
  return `${parts.join('；')}。`
}

export interface Tile {
  label: string
  value: string
}

export function tilesOf(report: Report): Tile[] {
  const votes = report.polls.reduce((total, { voters }) => total + voters, 0)
  return [
    { label: '最多同时在线', value: count(report.viewers.peak) },
    { label: '发言、提问或投票的人', value: count(report.people) },
    { label: '评论', value: count(report.comments.posted) },
    { label: '互动', value: count(sum(report.reactions)) },
    { label: '提问 / 已回答', value: `${report.questions.asked} / ${report.questions.answered}` },
    { label: '投票 / 人次', value: `${report.polls.length} / ${count(votes)}` },
  ]
}
