/**
 * The comments around the picture of a recording, in the order of the moments they belong to: those that were said up to it and the
 * next ones. One stretch without a hole, read on before it is needed and cut off behind. Pure.
 */
import { redacted, type Comment, type Remover } from '@/pages/room/comments/comment'

/** Kept of those that were said up to the picture. */
const BEHIND = 300
/** Cut when there are so many. */
const TOO_MANY = 600
/** Fewer than these to come, or less than this time, ms: the next page is due. */
const FEW = 40
const SOON = 30_000
/** ms past the last known comment from which on it is not worth reading page by page */
const LOST = 60_000

export class Track {
  items: readonly Comment[] = []
  /** Nothing was said before them, or after. */
  atStart = false
  atEnd = false
  private begun = false
  /** What was taken back, by offset: a page on its way may still hold the words. */
  private readonly removals = new Map<number, Remover>()

  begin(before: readonly Comment[], atStart: boolean, after: readonly Comment[], atEnd: boolean): void {
    this.begun = true
    this.atStart = atStart
    this.atEnd = atEnd
    this.items = this.blanked([...before, ...after])
  }

  /** The page after `last`; nothing if another end is known by now. */
  append(last: Comment | undefined, page: readonly Comment[], atEnd: boolean): void {
    if (this.items[this.items.length - 1] !== last) return
    this.items = this.blanked([...this.items, ...page])
    this.atEnd = atEnd
  }

  /** How many of the items were said up to a moment. */
  passed(moment: number): number {
    let low = 0
    let high = this.items.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (when(this.items[middle]) <= moment) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Whether what was said around a moment is known, or can be by reading on. */
  holds(moment: number): boolean {
    const first = this.items[0]
    const last = this.items[this.items.length - 1]
    if (!this.begun || (first === undefined && !(this.atStart && this.atEnd))) return false
    if (first === undefined) return true
    return (this.atStart || when(first) <= moment) && (this.atEnd || moment <= when(last) + LOST)
  }

  wantsMore(moment: number): boolean {
    const last = this.items[this.items.length - 1]
    return this.begun && !this.atEnd && (this.items.length - this.passed(moment) < FEW || when(last) - moment < SOON)
  }

  trim(moment: number): void {
    const passed = this.passed(moment)
    if (passed <= TOO_MANY) return
    this.items = this.items.slice(passed - BEHIND)
    this.atStart = false
  }

  redact(offset: number, by: Remover): void {
    this.removals.set(offset, by)
    this.items = this.blanked(this.items)
  }

  blanked(comments: readonly Comment[]): readonly Comment[] {
    const { removals } = this
    if (!comments.some(({ offset, removed }) => removed === '' && removals.has(offset))) return comments
    return comments.map((each) => (each.removed === '' && removals.has(each.offset) ? redacted(each, removals.get(each.offset) ?? 'moderator') : each))
  }
}

function when(comment: Comment | undefined): number {
  return comment?.mediaAt ?? 0
}
