/** The entries of a conversation, as this page reads them. Pure. */
import type { Entry } from '@/protocol'
import type { Step, StepName } from '@/sealed/exchange'
import type { Posted } from './thread'

const text = (value: unknown): string => (typeof value === 'string' ? value : '')
const number = (value: unknown): number => (typeof value === 'number' ? value : 0)

export const isPosted = (entry: Entry): boolean => entry.type === 'message.posted'

/** `side`: the reader's own. */
export function postedOf(entry: Entry, side: string): Posted {
  const data = entry.data
  return {
    id: text(data['id']),
    offset: entry.offset,
    at: entry.at,
    mine: data['side'] === side,
    kind: text(data['kind']),
    key: number(data['key']),
    number: number(data['number']),
    body: text(data['body']),
    recalled: data['recalled'] === true,
    of: typeof data['of'] === 'string' ? data['of'] : null,
  }
}

/** The id of what was taken back; null for another entry. */
export function recalledOf(entry: Entry): string | null {
  return entry.type === 'message.recalled' ? text(entry.data['id']) : null
}

/** Steps of the pages' agreement: from the snapshot, or as they come. */
export function stepsOf(steps: readonly Record<string, unknown>[], side: string): Step[] {
  return steps.map((data) => ({ mine: data['side'] === side, device: text(data['device']), round: number(data['round']), step: text(data['step']) as StepName, data: text(data['data']) }))
}

export function stepsIn(entries: readonly Entry[], side: string): Step[] {
  return stepsOf(entries.filter(({ type }) => type === 'talk.key').map(({ data }) => data), side)
}

/** How far each side has read, by its name. */
export type Reads = Readonly<Record<string, number>>

export function readsAfter(reads: Reads, entries: readonly Entry[]): Reads {
  const told = entries.filter(({ type }) => type === 'message.read')
  return told.reduce<Reads>((all, { data }) => ({ ...all, [text(data['side'])]: number(data['offset']) }), reads)
}
