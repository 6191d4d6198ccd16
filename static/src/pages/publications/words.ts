/** Publications and objections in words. Days are those of the committee's calendar, YYYY-MM-DD. Pure. */
import type { Objection, Publication, Published } from '@/api'
import { ASPECTS, dayWords, points } from '../points/points'

const DAY = 86_400_000

/** From one day to another; negative once it has passed. */
export const daysUntil = (day: string, today: string): number => Math.round((Date.parse(`${day}T00:00:00Z`) - Date.parse(`${today}T00:00:00Z`)) / DAY)

/** Open ones first, then what is being prepared, then the closed; each the newest first. */
export function ordered<Of extends Pick<Publication, 'state' | 'id'>>(publications: readonly Of[]): Of[] {
  const place: Readonly<Record<string, number>> = { open: 0, preparing: 1, closed: 2 }
  return [...publications].sort((one, other) => (place[one.state] ?? 3) - (place[other.state] ?? 3) || (one.id < other.id ? 1 : -1))
}

/** 还剩 3 天，6月5日截止; 今天截止. */
export function timeLeft(publication: Pick<Publication, 'state' | 'closes_on'>, today: string): string {
  if (publication.state === 'preparing') return '正在准备，还没有公开'
  if (publication.closes_on === null) return ''
  const left = daysUntil(publication.closes_on, today)
  if (publication.state === 'closed' || left < 0) return `公示已于 ${dayWords(publication.closes_on)}结束`
  if (left === 0) return '今天截止'
  if (left === 1) return '明天截止'
  return `还剩 ${left} 天，${dayWords(publication.closes_on)}截止`
}

export const isOpen = ({ state, closes_on }: Pick<Publication, 'state' | 'closes_on'>, today: string): boolean =>
  state === 'open' && closes_on !== null && daysUntil(closes_on, today) >= 0

/** A fingerprint in groups of four, to be compared by eye. */
export const grouped = (hex: string): string => hex.match(/.{1,4}/g)?.join(' ') ?? ''

/** How far the preparing has come, in whole per cent; never done before it is. */
export const progress = ({ prepared, total }: Pick<Publication, 'prepared' | 'total'>): number =>
  total === 0 ? 0 : Math.min(99, Math.floor((prepared / total) * 100))

/** What stands where the total would: 不参评 and 一票否决 are no numbers to compare. */
export function totalShown({ score, exempt, vetoed }: Pick<Published, 'score' | 'exempt' | 'vetoed'>): string {
  if (exempt) return '不参评'
  if (vetoed) return '一票否决'
  return score === null ? '' : points(score)
}

/** 基础分 60，德 1，能 0，勤 3.5，绩 0，廉 0，扣 2，总分 62.5: for the ear. */
export function rowWords(row: Published, base: number): string {
  const added = ASPECTS.map(({ id, label }) => `${label} ${points(row.added[id] ?? 0)}`)
  const total = row.exempt || row.vetoed ? totalShown(row) : `总分 ${totalShown(row)}`
  return [`基础分 ${points(base)}`, ...added, ...(row.deducted < 0 ? [`扣 ${points(row.deducted)}`] : []), total].join('，')
}

const STATES: Readonly<Record<Objection['state'], string>> = { open: '等待答复', upheld: '异议成立', rejected: '异议不成立', withdrawn: '已撤回' }
export const objectionState = (state: Objection['state']): string => STATES[state]

/** Past the day by which it should have been answered. */
export const isLate = ({ state, due_on }: Pick<Objection, 'state' | 'due_on'>, today: string): boolean => state === 'open' && daysUntil(due_on, today) < 0

/** 最迟 6月3日答复; 最迟今天答复; 已超过答复期限 2 天. */
export function dueWords({ state, due_on }: Pick<Objection, 'state' | 'due_on'>, today: string): string {
  if (state !== 'open') return ''
  const left = daysUntil(due_on, today)
  if (left < 0) return `已超过答复期限 ${-left} 天`
  if (left === 0) return '最迟今天答复'
  if (left === 1) return '最迟明天答复'
  return `最迟 ${dayWords(due_on)}答复`
}

/** 更正 1 条，补记 1 条. */
export function correctionWords({ corrections, awards }: Pick<Objection, 'corrections' | 'awards'>): string {
  return [corrections.length > 0 ? `更正 ${corrections.length} 条` : '', awards.length > 0 ? `补记 ${awards.length} 条` : ''].filter(Boolean).join('，')
}

/** The quarters that are over and may still be published, the newest first: those of this year and the last. */
export function quartersOver(today: string): { year: number; quarter: number; label: string }[] {
  const year = Number(today.slice(0, 4))
  const running = Math.floor((Number(today.slice(5, 7)) - 1) / 3) + 1
  const found: { year: number; quarter: number; label: string }[] = []
  for (let back = 1; back <= 4; back += 1) {
    const at = year * 4 + (running - 1) - back
    const quarter = (at % 4) + 1
    found.push({ year: Math.floor(at / 4), quarter, label: `${Math.floor(at / 4)} 年第${'一二三四'.charAt(quarter - 1)}季度` })
  }
  return found
}
