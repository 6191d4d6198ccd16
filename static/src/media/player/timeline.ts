/**
 * Where the moments of a programme lie in a player's own time. Pure.
 *
 * A recording runs on without a pause where its host was gone for minutes, and a player's position says nothing of that. Each
 * stretch (a segment of the playlist) has its own date, so both ways go through the stretch that holds what is asked for. A moment
 * at which nothing was sent belongs to the first picture after it.
 */

export interface Stretch {
  /** Player's time, s. */
  start: number
  /** s */
  duration: number
  /** Wall clock of its first frame, ms since the epoch. */
  date: number
}

/** s by which the durations a playlist states may be off */
const SLACK = 0.05

/** The moment of what is at `position` (s). Before the first and past the last stretch time runs on. */
export function dateAt(stretches: readonly Stretch[], position: number): number | null {
  const stretch = stretches[lastBelow(stretches, ({ start }) => start <= position)] ?? stretches[0]
  return stretch === undefined ? null : stretch.date + (position - stretch.start) * 1000
}

/** Where the picture of a moment is, in s; the first or last picture for moments outside. */
export function positionAt(stretches: readonly Stretch[], date: number): number | null {
  const index = lastBelow(stretches, (each) => each.date <= date)
  const stretch = stretches[index]
  if (stretch === undefined) return stretches[0]?.start ?? null
  const after = (date - stretch.date) / 1000
  if (after <= stretch.duration + SLACK) return stretch.start + Math.min(after, stretch.duration)
  return stretches[index + 1]?.start ?? stretch.start + stretch.duration
}

/** The index of the last stretch that is not beyond; -1 if all are. */
function lastBelow(stretches: readonly Stretch[], holds: (stretch: Stretch) => boolean): number {
  let low = -1
  let high = stretches.length - 1
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    const stretch = stretches[middle]
    if (stretch !== undefined && holds(stretch)) low = middle
    else high = middle - 1
  }
  return low
}
