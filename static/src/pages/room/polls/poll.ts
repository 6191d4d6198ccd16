/** A room's polls as the journal tells of them, and how they stand. Pure. */
import type { PollResults, PollRow } from '@/api'
import type { Entry } from '@/protocol'

export const OPENED = 'poll.opened'
export const CLOSED = 'poll.closed'
export const REMOVED = 'poll.removed'

/** Votes for each option, where they may be seen, and people who voted. */
export interface Tally {
  counts: readonly number[] | null
  voters: number
}

export interface Poll {
  id: string
  question: string
  options: readonly string[]
  /** Options that one vote may name. */
  most: number
  results: PollResults
  /** A vote cannot be changed. */
  final: boolean
  /** ms since the epoch; null where only a person closes it. */
  closesAt: number | null
  mediaAt: string | null
  open: boolean
  tally: Tally | null
}

/** An item of the snapshot, or the data of the entry that opened it. */
interface Told {
  id: string
  question?: string
  options: string[]
  most: number
  results: PollResults
  final: boolean
  closes_at: string | null
  media_at?: string | null
  state?: 'open' | 'closed'
  counts?: number[]
  voters?: number
}

export function shownAs(told: Told, mediaAt: string | null = told.media_at ?? null): Poll {
  return {
    id: told.id,
    question: told.question ?? '',
    options: told.options,
    most: told.most,
    results: told.results,
    final: told.final,
    closesAt: told.closes_at === null ? null : Date.parse(told.closes_at),
    mediaAt,
    open: told.state !== 'closed',
    tally: told.voters === undefined ? null : { counts: told.counts ?? null, voters: told.voters },
  }
}

export function begun(part: unknown): Poll[] {
  return ((part as { items?: Told[] } | undefined)?.items ?? []).map((item) => shownAs(item))
}

/** The polls after an entry; the same list where it is none of theirs. */
export function after(polls: readonly Poll[], { type, data, media_at: at }: Entry): readonly Poll[] {
  const told = data as unknown as Told
  if (type === OPENED) return told.question === undefined ? polls : [...polls.filter(({ id }) => id !== told.id), shownAs(told, at ?? null)]
  if (type === REMOVED) return polls.filter(({ id }) => id !== told.id)
  if (type !== CLOSED) return polls
  return polls.map((poll) => (poll.id === told.id ? { ...poll, open: false, tally: { counts: told.counts ?? null, voters: told.voters ?? 0 } } : poll))
}

export function ofRow(row: PollRow): Poll {
  return { ...shownAs({ ...row, state: row.state === 'open' ? 'open' : 'closed', media_at: row.media_at }), tally: tallyOf(row) }
}

export function tallyOf({ counts, voters }: Pick<PollRow, 'counts' | 'voters'>): Tally | null {
  return voters === undefined ? null : { counts: counts ?? null, voters }
}

export interface Bar {
  text: string
  count: number
  /** Of the people who voted, in whole percent. */
  percent: number
  leads: boolean
}

export function bars(options: readonly string[], { counts, voters }: Tally): Bar[] {
  const most = Math.max(0, ...(counts ?? []))
  return options.map((text, place) => {
    const count = counts?.[place] ?? 0
    return { text, count, percent: voters === 0 ? 0 : Math.round((count / voters) * 100), leads: count > 0 && count === most }
  })
}

/** 单选 · 投票后可以改, as a line of facts. */
export function rulesOf({ most, final, results }: Pick<Poll, 'most' | 'final' | 'results'>): string[] {
  const parts = [most === 1 ? '单选' : `最多选 ${most} 项`, final ? '投出后不能改' : '结束前可以改']
  if (results === 'voted') parts.push('投票后看结果')
  if (results === 'closed') parts.push('结束后公布结果')
  return parts
}
