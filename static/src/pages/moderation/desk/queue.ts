/**
 * What waits at a desk as one moderator sees it: what the journal tells, less what they have decided. A decision counts at once for
 * the eye, and leaves when its time is over; until then it can be taken back. Pure; times are ms.
 */
import type { Held } from '@/api'

export const UNDO_FOR = 5_000
export type Verdict = 'approve' | 'reject'

export interface Decision {
  key: number
  items: readonly Held[]
  verdict: Verdict
  reason: string
  /** When it leaves. */
  due: number
}

export class Queue {
  /** Not sent yet, the oldest first. */
  decisions: readonly Decision[] = []
  /** Where the eye is; '' for nowhere. */
  current = ''
  private open: readonly Held[] = []
  /** Sent by this moderator; hidden until the journal tells of it. */
  private readonly sent = new Set<string>()
  /** Decided by somebody else while the eye was on it: it stays, with their word, until the eye moves on. */
  private settled: Held | null = null
  private heldSince: number | null = null
  private keys = 0

  constructor(private readonly me: () => string | null) {}

  /** What is to be decided, the oldest first, with what somebody else has just decided under the eye. */
  get rows(): readonly Held[] {
    const away = new Set(this.decisions.flatMap(({ items }) => items.map(({ id }) => id)))
    const undecided = this.open.filter(({ id }) => !away.has(id) && !this.sent.has(id))
    const { settled } = this
    return settled === null ? undecided : inOrder([...undecided.filter(({ id }) => id !== settled.id), settled])
  }

  /** How many wait for everybody, those included that this moderator has decided and not sent. */
  get waiting(): number {
    return this.open.length
  }

  /** Everything that waits. */
  begin(waiting: readonly Held[]): void {
    const before = this.rows
    this.open = inOrder(waiting)
    const ids = new Set(waiting.map(({ id }) => id))
    for (const id of this.sent) if (!ids.has(id)) this.sent.delete(id)
    this.without((id) => !ids.has(id))
    this.settle(before)
  }

  /** New, or put back by somebody. */
  added(held: Held): void {
    const before = this.rows
    this.sent.delete(held.id)
    if (this.settled?.id === held.id) this.settled = null
    this.open = inOrder([...this.open.filter(({ id }) => id !== held.id), held])
    this.settle(before)
  }

  /** By whomever. Gives it back where it is news to this moderator: somebody else was first, or its author has withdrawn it. */
  decided(held: Held): Held | null {
    const before = this.rows
    const known = this.open.some(({ id }) => id === held.id)
    const mine = held.decided?.by.id === this.me()
    const pending = this.decisions.some(({ items }) => items.some(({ id }) => id === held.id))
    this.open = this.open.filter(({ id }) => id !== held.id)
    this.sent.delete(held.id)
    this.without((id) => id === held.id)
    if (known && !mine && !pending && this.current === held.id) this.settled = held
    this.settle(before)
    return known && !mine ? held : null
  }

  choose(id: string): void {
    const before = this.rows
    if (this.settled !== null && this.settled.id !== id) this.settled = null
    this.current = id
    this.settle(before)
  }

  move(by: number): void {
    const { rows } = this
    const at = rows.findIndex(({ id }) => id === this.current)
    const next = rows[Math.min(Math.max(at + by, 0), rows.length - 1)]
    if (next !== undefined) this.choose(next.id)
  }

  /** Those of them that are still to be decided; false where there is none. */
  decide(ids: readonly string[], verdict: Verdict, reason: string, now: number): boolean {
    const before = this.rows
    const items = before.filter(({ id, state }) => ids.includes(id) && state === 'held')
    if (items.length === 0) return false
    this.keys += 1
    const due = (this.heldSince ?? now) + UNDO_FOR
    this.decisions = [...this.decisions, { key: this.keys, items, verdict, reason, due }]
    this.settle(before)
    return true
  }

  /** Why the last of what is rejected is rejected; false where nothing is. */
  explain(reason: string, now: number): boolean {
    const last = this.decisions[this.decisions.length - 1]
    if (last?.verdict !== 'reject') return false
    const due = (this.heldSince ?? now) + UNDO_FOR
    this.decisions = [...this.decisions.slice(0, -1), { ...last, reason: last.reason === reason ? '' : reason, due }]
    return true
  }

  /** The last decision is none any more, and the eye is on it again. */
  undo(): boolean {
    const last = this.decisions[this.decisions.length - 1]
    if (last === undefined) return false
    this.decisions = this.decisions.slice(0, -1)
    this.settled = null
    this.current = last.items[0]?.id ?? this.current
    return true
  }

  /** Time stands still while somebody points at what is about to leave. */
  hold(now: number): void {
    this.heldSince ??= now
  }

  release(now: number): void {
    if (this.heldSince === null) return
    const late = now - this.heldSince
    this.heldSince = null
    this.decisions = this.decisions.map((each) => ({ ...each, due: each.due + late }))
  }

  /** ms until the next one leaves; null: nothing does. */
  left(now: number): number | null {
    const first = Math.min(...this.decisions.map(({ due }) => due))
    if (this.heldSince !== null || this.decisions.length === 0) return null
    return Math.max(0, first - now)
  }

  /** Seconds in which the last one can be taken back. */
  seconds(now: number): number {
    const last = this.decisions[this.decisions.length - 1]
    return last === undefined ? 0 : Math.max(0, Math.ceil((last.due - (this.heldSince ?? now)) / 1000))
  }

  /** Those whose time is over, or (`all`) every one: they must be sent now. */
  take(now: number, all = false): readonly Decision[] {
    const over = this.decisions.filter(({ due }) => all || (this.heldSince === null && due <= now))
    this.decisions = this.decisions.filter((each) => !over.includes(each))
    if (this.decisions.length === 0) this.heldSince = null
    for (const { items } of over) for (const { id } of items) this.sent.add(id)
    return over
  }

  /** The server would not: it waits as before, unless the journal has taken it away. */
  refused(id: string): void {
    const before = this.rows
    this.sent.delete(id)
    this.settle(before)
  }

  /** The server says it is decided or gone, whoever did it. */
  gone(id: string): void {
    const before = this.rows
    this.open = this.open.filter((each) => each.id !== id)
    this.sent.delete(id)
    this.settle(before)
  }

  private without(gone: (id: string) => boolean): void {
    this.decisions = this.decisions
      .map((each) => (each.items.some(({ id }) => gone(id)) ? { ...each, items: each.items.filter(({ id }) => !gone(id)) } : each))
      .filter(({ items }) => items.length > 0)
  }

  /** The eye stays; where what it was on is gone, it is on what has come to that place. */
  private settle(before: readonly Held[]): void {
    const { rows } = this
    if (rows.some(({ id }) => id === this.current)) return
    const ids = new Set(rows.map(({ id }) => id))
    const at = before.findIndex(({ id }) => id === this.current)
    const following = at < 0 ? undefined : before.slice(at).find(({ id }) => ids.has(id))
    this.current = (following ?? rows[at < 0 ? 0 : Math.min(at, rows.length - 1)])?.id ?? ''
  }
}

/** Ids begin with the time. */
function inOrder(some: readonly Held[]): readonly Held[] {
  return [...some].sort((one, other) => (one.id < other.id ? -1 : 1))
}
