/** How the lines of a roster read. Pure. */
import type { AttendanceRoster } from '@/api'
import { clockTime } from '@/core/format'

export type RosterLine = AttendanceRoster['people'][number]

export const NO_BRANCH = '未编入支部'

/** 19:02–20:31, or since when somebody is there; what lasted less than a minute is one time. */
export function stay({ joined_at: joined, left_at: left }: Pick<RosterLine, 'joined_at' | 'left_at'>): string {
  if (joined === null) return '未进入'
  const from = clockTime(joined)
  if (left === null) return `${from} 进入，在场`
  const to = clockTime(left)
  return from === to ? from : `${from}–${to}`
}

export function presence({ confirmed_at: at, way }: Pick<RosterLine, 'confirmed_at' | 'way'>): string {
  if (at === null) return '未到'
  return way === 'replay' ? '回看' : '到课'
}
