/** What the clock says of a broadcast that has not begun. A quarter of an hour too late nobody says any more that it begins at once. */
import type { Broadcast } from '@/api'

/** `ahead`: its time is still to come; `due`: any moment now; `late`: not begun yet; `overdue`: its planned end is long past too. */
export type Wait = 'ahead' | 'due' | 'late' | 'overdue'

const AT_ONCE = 15 * 60_000

export function waitOf(broadcast: Pick<Broadcast, 'starts_at' | 'overdue'>, now: number): Wait {
  if (broadcast.overdue) return 'overdue'
  const late = now - Date.parse(broadcast.starts_at)
  return late < 0 ? 'ahead' : late < AT_ONCE ? 'due' : 'late'
}
