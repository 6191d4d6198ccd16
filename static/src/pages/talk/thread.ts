/**
 * What was said, as this page can read it: in the order of the journal, with copies that the other page has sealed anew for this
 * device, with holes where something is missing, and without what was taken back. Pure.
 */
import type { CallEnd, Content, Spoken } from '@/sealed/content'

/** As the journal tells it. */
export interface Posted {
  id: string
  offset: number
  at: string
  mine: boolean
  kind: string
  /** The round of keys, and what its sender counted. */
  key: number
  number: number
  /** '' for what was taken back. */
  body: string
  recalled: boolean
  of: string | null
}

/**
 * `locked`: this page has no key of that time. `broken`: it has, and it does not open: somebody has changed it. `doubted`: it came under keys
 * whose code was another one on the other page, so that nobody knows who wrote it.
 */
export type Opened = Content | 'locked' | 'broken' | 'doubted'

export type Shown = Spoken | { t: 'locked' } | { t: 'broken' } | { t: 'doubted' } | { t: 'recalled' }

export interface Message {
  /** For the list's keys. */
  key: string
  id: string
  offset: number
  mine: boolean
  /** ms since the epoch. */
  at: number
  what: Shown
  /** It came sealed anew, from the other page. */
  copied: boolean
}

/** A readable one, with what is needed to pass it on. */
export interface Readable {
  id: string
  mine: boolean
  what: Exclude<Spoken, CallEnd>
  /** The round under which this page came to read it. */
  round: number
}

interface Item {
  posted: Posted
  opened: Opened
}

interface Copy {
  what: Spoken
  mine: boolean
  round: number
}

const place = (mine: boolean, key: number, number: number) => `${mine ? 'm' : 'o'}${String(key)}.${String(number)}`

export class Thread {
  private readonly items = new Map<string, Item>()
  private readonly copies = new Map<string, Copy>()
  /** Whose number it is, by side, round and number. */
  private readonly numbers = new Map<string, string>()
  /** Numbers of the other side that stand for nothing, as it says itself: the server told it that what it had sent was refused. */
  private readonly skipped = new Set<string>()
  /** Nothing was said before what is known. */
  atStart = false

  clear(): void {
    this.items.clear()
    this.copies.clear()
    this.numbers.clear()
    this.skipped.clear()
  }

  has(id: string): boolean {
    return this.items.has(id)
  }

  /** Whether the journal tells of what this page has sent under this number. */
  hasOwn(key: number, number: number): boolean {
    return this.numbers.has(place(true, key, number))
  }

  /** Gives whether it counts. */
  add(posted: Posted, opened: Opened): boolean {
    const at = place(posted.mine, posted.key, posted.number)
    const before = this.numbers.get(at)
    // A number that comes twice was played again by somebody: the first one counts.
    if (before !== undefined && before !== posted.id) return false
    if (this.skipped.has(at)) return false
    this.numbers.set(at, posted.id)
    this.items.set(posted.id, { posted, opened })
    if (!posted.mine && typeof opened === 'object' && opened.t === 'history' && opened.of === posted.of) {
      this.copies.set(opened.of, { what: opened.what, mine: !opened.mine, round: posted.key })
    }
    if (!posted.mine && typeof opened === 'object' && opened.t === 'skipped' && opened.round === posted.key) this.skip(posted, opened.numbers)
    return true
  }

  /** Its sender believes that these were never sent: whoever kept them back for later has nothing of it. */
  private skip({ key, number }: Posted, numbers: readonly number[]): void {
    for (const each of numbers) {
      if (each >= number) continue
      const at = place(false, key, each)
      this.skipped.add(at)
      const id = this.numbers.get(at) ?? ''
      const of = this.items.get(id)?.posted.of
      if (of != null) this.copies.delete(of)
      this.items.delete(id)
    }
  }

  /** Somebody sat between the pages in that round: what came under its keys may be theirs. */
  doubt(round: number): void {
    for (const [id, item] of this.items) if (item.posted.key === round) this.items.set(id, { ...item, opened: 'doubted' })
    for (const [of, copy] of this.copies) if (copy.round === round) this.copies.delete(of)
  }

  /** Its sender has taken it back. */
  recall(id: string): void {
    this.copies.delete(id)
    const item = this.items.get(id)
    if (item !== undefined) this.items.set(id, { posted: { ...item.posted, body: '', recalled: true }, opened: 'locked' })
  }

  /** To be tried again, since other keys are there now. */
  get locked(): Posted[] {
    return [...this.items.values()].filter(({ posted, opened }) => opened === 'locked' && !posted.recalled).map(({ posted }) => posted)
  }

  get messages(): Message[] {
    const shown = [...this.items.values()].flatMap(({ posted, opened }): Message[] => {
      const { what, copied } = this.shownAs(posted, opened)
      return what === null ? [] : [{ key: place(posted.mine, posted.key, posted.number), id: posted.id, offset: posted.offset, mine: posted.mine, at: Date.parse(posted.at), what, copied }]
    })
    return shown.sort((one, other) => one.offset - other.offset)
  }

  private shownAs(posted: Posted, opened: Opened): { what: Shown | null; copied: boolean } {
    const own = (what: Shown | null) => ({ what, copied: false })
    if (posted.kind === 'system' || posted.kind === 'history') return own(opened === 'broken' ? { t: 'broken' } : null)
    if (posted.recalled) return own(posted.kind === 'call' ? null : { t: 'recalled' })
    if (opened === 'broken') return own({ t: 'broken' })
    if (opened === 'doubted') return own(posted.kind === 'call' ? null : { t: 'doubted' })
    if (opened === 'locked') {
      const copy = this.copies.get(posted.id)
      if (copy?.mine === posted.mine) return { what: copy.what, copied: true }
      return own(posted.kind === 'call' ? null : { t: 'locked' })
    }
    return own(opened.t === 'call' || opened.t === 'holds' || opened.t === 'skipped' || opened.t === 'history' ? null : opened)
  }

  /** What this page can read and pass on, oldest first. */
  get readable(): Readable[] {
    const found: { offset: number; readable: Readable }[] = []
    for (const { posted, opened } of this.items.values()) {
      if (posted.recalled || !['text', 'picture', 'voice'].includes(posted.kind)) continue
      const copy = this.copies.get(posted.id)
      const own = typeof opened === 'object'
      const what = own ? opened : copy?.mine === posted.mine ? copy.what : undefined
      if (what === undefined || what.t === 'call' || what.t === 'call-end' || what.t === 'holds' || what.t === 'skipped' || what.t === 'history') continue
      found.push({ offset: posted.offset, readable: { id: posted.id, mine: posted.mine, what, round: own ? posted.key : (copy?.round ?? 0) } })
    }
    return found.sort((one, other) => one.offset - other.offset).map(({ readable }) => readable)
  }

  /** How many of the other side's messages of a round did not come through, as far as their numbers say. */
  missing(round: number): number {
    const prefix = place(false, round, 0).slice(0, -1)
    const of = (keys: Iterable<string>) => [...keys].filter((key) => key.startsWith(prefix)).map((key) => Number(key.slice(prefix.length)))
    const numbers = of(this.numbers.keys())
    if (numbers.length === 0) return 0
    const least = this.atStart ? 1 : Math.min(...numbers)
    const known = new Set([...numbers, ...of(this.skipped).filter((each) => each >= least)])
    return Math.max(...numbers) - least + 1 - known.size
  }
}
