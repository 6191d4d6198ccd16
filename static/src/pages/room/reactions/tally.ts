/** Totals as the page shows them: the server's, and one's own taps that it has not told yet. Pure. */
import type { Kind } from './kinds'

export type Totals = Partial<Record<Kind, number>>

export class Tally {
  private told: Totals | null = null
  /** Own taps that were shown and are not in what was told. */
  private readonly own = new Map<Kind, number>()

  get sum(): number {
    const told = Object.values(this.told ?? {}).reduce((sum, each) => sum + each, 0)
    return [...this.own.values()].reduce((sum, each) => sum + each, told)
  }

  tap(kind: Kind): void {
    this.own.set(kind, (this.own.get(kind) ?? 0) + 1)
  }

  /** The server will not count these. */
  refuse(kind: Kind, count: number): void {
    this.own.set(kind, Math.max(0, (this.own.get(kind) ?? 0) - count))
  }

  /** New totals; gives how many of each kind others have added since the last ones. The first are no news. */
  tell(totals: Totals): Totals {
    const before = this.told
    this.told = { ...totals }
    const others: Totals = {}
    for (const kind of Object.keys(totals) as Kind[]) {
      const grown = (totals[kind] ?? 0) - (before?.[kind] ?? 0)
      const mine = before === null ? 0 : Math.min(Math.max(grown, 0), this.own.get(kind) ?? 0)
      this.refuse(kind, mine)
      if (before !== null && grown > mine) others[kind] = grown - mine
    }
    return others
  }
}
