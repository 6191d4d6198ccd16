/** A room's roll-calls as the journal tells of them. Pure. */
import type { Entry } from '@/protocol'

export const OPENED = 'roll_call.opened'
export const CLOSED = 'roll_call.closed'

export interface RollCall {
  id: string
  /** The how-manieth of its broadcast. */
  number: number
  /** ms since the epoch. */
  closesAt: number
  /** Answers that prove somebody was present. */
  needed: number
  /** Roll-calls the broadcast is to have; more may be opened by hand. */
  drawn: number
  open: boolean
}

interface Told {
  id: string
  number: number
  closes_at: string
  needed: number
  drawn: number
  open?: boolean
}

function shownAs(told: Told): RollCall {
  return { id: told.id, number: told.number, closesAt: Date.parse(told.closes_at), needed: told.needed, drawn: told.drawn, open: told.open !== false }
}

export function begun(part: unknown): RollCall[] {
  return ((part as { items?: Told[] } | undefined)?.items ?? []).map(shownAs)
}

/** The roll-calls after an entry; the same list where it is none of theirs. */
export function after(calls: readonly RollCall[], { type, data }: Entry): readonly RollCall[] {
  const told = data as unknown as Told
  if (type === OPENED) return [...calls.filter(({ id }) => id !== told.id), shownAs(told)]
  if (type !== CLOSED) return calls
  return calls.map((call) => (call.id === told.id ? { ...call, open: false } : call))
}

/** What answering is for, in words. `counts`: it is credited to whoever looks. */
export function purpose({ needed, drawn }: Pick<RollCall, 'needed' | 'drawn'>, counts: boolean): string {
  const rule = drawn === 0 ? `应答 ${needed} 次算到课` : `点名 ${drawn} 次，应答 ${needed} 次算到课`
  return counts ? `${rule}，计入积分` : rule
}

/** How one stands after an answer. */
export function standing({ answered, needed }: { answered: number; needed: number }, confirmed: boolean): string {
  if (confirmed || answered >= needed) return `已应答 ${answered} 次，已记为到课`
  return `已应答 ${answered} 次，再应答 ${needed - answered} 次即为到课`
}

/** 45 秒, 1 分 05 秒 */
export function left(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000))
  return seconds < 100 ? `${seconds} 秒` : `${Math.floor(seconds / 60)} 分 ${String(seconds % 60).padStart(2, '0')} 秒`
}
