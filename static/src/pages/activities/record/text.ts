/** The text of a record as it is written on screen, what of it is sent, and how what two people wrote at once comes together. */
import type { MeetingRecord, MeetingRecordInput } from '@/api'
import { toLocal } from '@/core/format'

export interface SpeechText { name: string; points: string; member: string | null }
export interface MotionText { title: string; ballot: 'open' | 'secret'; inFavour: string; against: string; abstained: string; voters: string }

export interface RecordText {
  place: string
  heldFrom: string
  heldUntil: string
  agenda: string[]
  speeches: SpeechText[]
  decisions: string[]
  motions: MotionText[]
}

export const STATE_WORDS = { draft: '草稿', submitted: '待确认', confirmed: '已确认' } as const
export const BALLOT_WORDS = { open: '举手表决', secret: '无记名投票' } as const

export const emptyMotion = (): MotionText => ({ title: '', ballot: 'open', inFavour: '', against: '', abstained: '', voters: '' })
export const emptySpeech = (): SpeechText => ({ name: '', points: '', member: null })

export function textOf(record: MeetingRecord): RecordText {
  return {
    place: record.place,
    heldFrom: record.held_from === null ? '' : toLocal(record.held_from),
    heldUntil: record.held_until === null ? '' : toLocal(record.held_until),
    agenda: [...record.agenda],
    speeches: record.speeches.map(({ name, points, member }) => ({ name, points, member })),
    decisions: [...record.decisions],
    motions: record.motions.map((each) => ({
      title: each.title,
      ballot: each.ballot,
      inFavour: String(each.in_favour),
      against: String(each.against),
      abstained: String(each.abstained),
      voters: each.voters === null ? '' : String(each.voters),
    })),
  }
}

export function inputOf(text: RecordText, version: number): MeetingRecordInput {
  return {
    version,
    place: text.place.trim(),
    held_from: moment(text.heldFrom),
    held_until: moment(text.heldUntil),
    agenda: text.agenda.filter(written),
    speeches: text.speeches.filter((each) => written(each.name) || written(each.points)),
    decisions: text.decisions.filter(written),
    motions: text.motions.filter((each) => written(each.title)).map((each) => ({
      title: each.title,
      ballot: each.ballot,
      in_favour: number(each.inFavour),
      against: number(each.against),
      abstained: number(each.abstained),
      voters: written(each.voters) ? number(each.voters) : null,
    })),
  }
}

export interface Merged {
  text: RecordText
  /** Where both have changed the same thing: theirs is not in `text`. */
  clashes: (keyof RecordText)[]
}

/** `base` is what both began with. What one of them alone changed is taken; what both added stands one after the other. */
export function merged(base: RecordText, mine: RecordText, theirs: RecordText): Merged {
  const text: Record<string, unknown> = {}
  const clashes: (keyof RecordText)[] = []
  for (const name of Object.keys(base) as (keyof RecordText)[]) {
    const came = one(base[name], mine[name], theirs[name])
    if (came === null) clashes.push(name)
    text[name] = came ?? mine[name]
  }
  return { text: text as unknown as RecordText, clashes }
}

function one<Value>(base: Value, mine: Value, theirs: Value): Value | null {
  if (same(mine, theirs) || same(theirs, base)) return mine
  if (same(mine, base)) return theirs
  return Array.isArray(base) && Array.isArray(mine) && Array.isArray(theirs) ? (list(base, mine, theirs) as Value | null) : null
}

function list(base: readonly unknown[], mine: readonly unknown[], theirs: readonly unknown[]): unknown[] | null {
  if (mine.length < base.length || theirs.length < base.length) return null
  const before = base.map((each, place) => one(each, mine[place], theirs[place]))
  return before.includes(null) ? null : [...before, ...theirs.slice(base.length), ...mine.slice(base.length)]
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)
const written = (text: string): boolean => text.trim() !== ''

function moment(local: string): string | null {
  const at = new Date(local).getTime()
  return Number.isNaN(at) ? null : new Date(at).toISOString()
}

function number(text: string): number {
  const value = Number(text)
  return Number.isInteger(value) && value >= 0 ? value : 0
}
