/** Points in words. Amounts are integer tenths of a point; days are those of the committee's calendar. Pure. */
import type { Aspect, PointIndicator, PointRow, PointsYear } from '@/api'

export const ASPECTS: readonly { id: Aspect; label: string; about: string }[] = [
  { id: 'de', label: '德', about: '政治品德' },
  { id: 'neng', label: '能', about: '学习能力' },
  { id: 'qin', label: '勤', about: '参加组织生活' },
  { id: 'ji', label: '绩', about: '工作实绩' },
  { id: 'lian', label: '廉', about: '廉洁自律' },
]

export const aspectLabel = (aspect: Aspect): string => ASPECTS.find(({ id }) => id === aspect)?.label ?? ''

/** 60, 60.5 */
export function points(tenths: number): string {
  return (Math.abs(tenths) / 10).toFixed(tenths % 10 === 0 ? 0 : 1)
}

/** +0.5, −2, 0 */
export function signed(tenths: number): string {
  if (tenths === 0) return '0'
  return `${tenths > 0 ? '+' : '−'}${points(tenths)}`
}

/** 加 0.5 分, 扣 2 分, 不加分: for the ear, to which a minus is silent. */
export function amountWords({ amount, kind, reverses }: Pick<PointRow, 'amount' | 'kind' | 'reverses'>): string {
  if (kind === 'veto') return reverses === null ? '一票否决' : '撤销一票否决'
  if (amount === 0) return kind === 'deduct' ? '不扣分' : '不加分'
  return `${amount > 0 ? '加' : '扣'} ${points(amount)} 分`
}

/** What stands at the end of a row. */
export function amountShown(row: Pick<PointRow, 'amount' | 'kind' | 'reverses'>): string {
  if (row.kind === 'veto') return row.reverses === null ? '否决' : '撤销'
  return signed(row.amount)
}

/** 7月1日 of 2026-07-01: a calendar day is the same in every zone. */
export function dayWords(day: string): string {
  const [, month, date] = day.split('-').map(Number)
  return `${month ?? 0}月${date ?? 0}日`
}

export interface Month {
  id: string
  label: string
  rows: PointRow[]
}

/** Rows by the month they count for, the newest month first; inside of it in the order in which they come. `today`: YYYY-MM-DD. */
export function byMonth(rows: readonly PointRow[], today: string): Month[] {
  const months: Month[] = []
  for (const row of rows) {
    const id = row.day.slice(0, 7)
    let month = months.find((each) => each.id === id)
    if (month === undefined) {
      month = { id, label: id === today.slice(0, 7) ? '本月' : `${Number(id.slice(5))}月`, rows: [] }
      months.push(month)
    }
    month.rows.push(row)
  }
  return months.sort((one, other) => (one.id < other.id ? 1 : -1))
}

export const rowTitle = (row: Pick<PointRow, 'title' | 'name' | 'reverses'>): string => `${row.reverses === null ? '' : '更正：'}${row.title || row.name}`

/** What the caps cut off, in tenths; 0 for rows that count in full. */
export function cutOff({ amount, full, kind, reverses }: Pick<PointRow, 'amount' | 'full' | 'kind' | 'reverses'>): number {
  return kind === 'veto' || reverses !== null ? 0 : Math.abs(full) - Math.abs(amount)
}

const WINDOWS: Readonly<Record<string, string>> = { day: '每天', month: '每月', quarter: '每季度', year: '全年' }
const NOW: Readonly<Record<string, string>> = { day: '今天', month: '本月', quarter: '本季度', year: '今年' }

/** 每月最多 0.5 分, 全年最多 6 分 */
export function capsWords({ caps, kind }: Pick<PointIndicator, 'caps' | 'kind'>): string {
  return caps.map(({ window, most }) => `${WINDOWS[window] ?? window}最多${kind === 'deduct' ? '扣' : ''} ${points(most)} 分`).join('，')
}

/** What still may count: the least of what its windows and its aspect leave; null where nothing bounds it. */
export function left(indicator: Pick<PointIndicator, 'caps' | 'kind' | 'aspect'>, year: Pick<PointsYear, 'aspects'>): { tenths: number; why: string } | null {
  const rooms = indicator.caps.map(({ window, most, held }) => ({ tenths: Math.max(0, Math.abs(most) - Math.abs(held)), why: NOW[window] ?? '' }))
  const aspect = year.aspects.find((each) => each.aspect === indicator.aspect)
  if (indicator.kind === 'award' && aspect !== undefined) rooms.push({ tenths: Math.max(0, aspect.most - aspect.awarded), why: `“${aspectLabel(indicator.aspect)}”` })
  return rooms.reduce<{ tenths: number; why: string } | null>((least, each) => (least === null || each.tenths < least.tenths ? each : least), null)
}

/** 今年还可计 5.5 分; 本月已满; “勤”已满. */
export function leftWords(indicator: PointIndicator, year: Pick<PointsYear, 'aspects'>): string {
  const room = left(indicator, year)
  if (room === null) return '不设上限'
  if (room.tenths === 0) return `${room.why}已满`
  const whole = left({ ...indicator, caps: indicator.caps.filter(({ window }) => window === 'year') }, year)
  return whole === null || whole.tenths === room.tenths ? `今年还可计 ${points(room.tenths)} 分` : `${room.why}还可计 ${points(room.tenths)} 分，今年 ${points(whole.tenths)} 分`
}

/** One aspect in words: 勤 加 3.5 分（最多 12 分），扣 1 分 */
export function aspectWords({ aspect, awarded, deducted, most }: PointsYear['aspects'][number]): string {
  return `${aspectLabel(aspect)} 加 ${points(awarded)} 分（最多 ${points(most)} 分）${deducted < 0 ? `，扣 ${points(deducted)} 分` : ''}`
}

/** What the picture shows, for whoever does not see it. */
export const radarWords = (year: PointsYear): string => `五个方面：${year.aspects.map(aspectWords).join('；')}。`

/** 1a2b3c4d…e5f6: enough of a hash to compare two by eye. */
export const shortHash = (hash: string): string => `${hash.slice(0, 8)}…${hash.slice(-4)}`

/** 回答被采纳 +0.2 分（能）: the note that comes with a credit. */
export function creditNote(row: Pick<PointRow, 'title' | 'name' | 'amount' | 'kind' | 'reverses' | 'aspect'>): string {
  return `${rowTitle(row)}，${amountWords(row)}（${aspectLabel(row.aspect)}）`
}

/** YYYY-MM-DD of a moment in the committee's calendar, China Standard Time. */
export const calendarDay = (at: number): string => new Date(at + 8 * 3_600_000).toISOString().slice(0, 10)
