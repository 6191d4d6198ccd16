/** Offers that secretaries took back: each draws the next, so whoever takes back enough of them chooses. Pure. */
import type { Published, PublishedDraw } from './verify'

export interface Withdrawn {
  id: string
  name: string
  count: number
}

/** Who has taken back how many, whoever has most first. */
export function withdrawnBy(draws: readonly PublishedDraw[]): Withdrawn[] {
  const found = new Map<string, Withdrawn>()
  for (const { result, secretary } of draws) {
    if (result !== 'withdrawn') continue
    const id = secretary?.id ?? ''
    const before = found.get(id)
    found.set(id, { id, name: secretary?.name ?? '', count: (before?.count ?? 0) + 1 })
  }
  return [...found.values()].sort((one, other) => other.count - one.count)
}

/** Draws, as round and n, in the place of an offer that was taken back after as many had been as may be replaced. */
export function replacedTooOften({ draws, rules }: Pick<Published, 'draws' | 'rules'>): ReadonlySet<string> {
  const found = new Set<string>()
  if (rules === undefined) return found
  const rounds = new Map<string, number[]>()
  for (const { round, n, result, secretary } of [...draws].sort((one, other) => one.round - other.round || one.n - other.n)) {
    if (secretary == null) continue
    const before = rounds.get(secretary.id) ?? []
    if (before.length > rules.most_withdrawn && before.includes(round)) found.add(`${round}.${n}`)
    if (result === 'withdrawn') rounds.set(secretary.id, [...before, round])
  }
  return found
}
