/** When how much was said, laid along the timeline of the recording. Pure. */
import type { CommentHeat } from '@/api'

/** Across the timeline, which is about as fine as a phone can show. */
export const COLUMNS = 120

export interface Heat {
  /** From 0 to 1, the liveliest column is 1. */
  columns: readonly number[]
  /** s; where it was liveliest. */
  peak: number
}

/** Null where nobody said anything, or while it is not known where the moments lie. `positionAt`: s; `duration`: s. */
export function heatOf(heat: CommentHeat, positionAt: (date: number) => number | null, duration: number): Heat | null {
  if (heat.starts_at === null || duration <= 0) return null
  const columns = new Array<number>(COLUMNS).fill(0)
  const column = (position: number) => Math.max(0, Math.min(COLUMNS - 1, Math.floor((position / duration) * COLUMNS)))
  let date = Date.parse(heat.starts_at)
  for (const count of heat.counts) {
    const from = positionAt(date)
    date += heat.seconds * 1000
    const to = positionAt(date)
    if (from === null || to === null) return null
    if (count > 0) spread(columns, count, column(from), column(to))
  }
  return levelled(columns.map((_, index) => around(columns, index)), duration)
}

/** A span may cover several columns, or, where the host was gone, none of its own. */
function spread(columns: number[], count: number, first: number, end: number): void {
  const last = Math.max(first, end - 1)
  for (let index = first; index <= last; index += 1) columns[index] = (columns[index] ?? 0) + count / (last - first + 1)
}

/** Softened by its neighbours: single comments make no needles. */
function around(columns: readonly number[], index: number): number {
  return ((columns[index - 1] ?? 0) + 2 * (columns[index] ?? 0) + (columns[index + 1] ?? 0)) / 4
}

function levelled(columns: readonly number[], duration: number): Heat | null {
  const most = Math.max(...columns)
  if (most === 0) return null
  return { columns: columns.map((each) => each / most), peak: ((columns.indexOf(most) + 0.5) / COLUMNS) * duration }
}

/** The outline of the area, for an SVG of `COLUMNS` by 1. */
export function outline({ columns }: Heat): string {
  const points = columns.map((height, index) => `${index + 0.5} ${(1 - height).toFixed(3)}`)
  return `M0 1L${points.join('L')}L${COLUMNS} 1Z`
}
