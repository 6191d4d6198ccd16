/**
 * The part of a room's history that is on the screen: always in order and without a hole. Pure.
 *
 * Whoever reads at the end sees the newest and loses the oldest. Whoever has scrolled back keeps what is around. Where that cannot
 * reach up to the newest any more (after a long sleep, or because there is too much of it), the newest wait beside it until the
 * reader has come to them page by page, or goes to the end.
 */
import type { Reached } from '@/protocol'
import { redacted, type Comment, type Remover } from './comment'

/** A snapshot holds no more; one that holds less holds all there are. */
export const SNAPSHOT = 100
/** Kept while one reads at the end. */
const FOLLOWED = 300
/** Kept while one reads further back. */
const HELD = 900
/** Left of them when one walks on, so that there is room again. */
const WALKED = 600

export class Passage {
  shown: readonly Comment[] = []
  /** Nothing stands before what is shown. */
  atStart = false
  /** Its reader has scrolled back. */
  back = false
  /** Came since then, one's own left out. */
  unread = 0
  /** What is told of, comments or not. */
  head = 0
  private epoch = ''
  /** What was taken back in this history, by offset. */
  private readonly removals = new Map<number, Remover>()
  /** The newest, while what is shown does not reach up to them. */
  private newest: readonly Comment[] | null = null
  /** Up to here what is shown is whole, from its first comment on. */
  private reach = 0

  /** Newer comments exist than the shown ones. */
  get detached(): boolean {
    return this.newest !== null
  }

  /** The first comment of the newest snapshot. What is shown before it was kept from earlier; 0: nothing was. */
  snapshotFrom = 0

  /** Where the page after what is shown begins. */
  get end(): number {
    return this.reach
  }

  /** A snapshot. Of what was shown only that stays which somebody is reading, and which belongs to the same history. */
  begin(latest: readonly Comment[], at: Readonly<Reached>): void {
    const known = this.epoch === at.epoch ? this.head : 0
    if (this.epoch !== at.epoch) this.removals.clear()
    const kept = this.back && known > 0 && latest.length >= SNAPSHOT ? this.shown.filter((each) => each.offset <= at.head) : []
    const first = latest[0]?.offset ?? 0
    this.snapshotFrom = kept.length > 0 ? first : 0
    this.epoch = at.epoch
    this.head = at.head
    if (this.back) this.count(latest.filter((each) => each.offset > known))
    if (kept.length === 0) {
      this.show(latest, latest.length < SNAPSHOT)
    } else if (Math.min(this.reach, at.head) + 1 < first) {
      this.shown = kept
      this.newest = latest
    } else {
      this.show([...kept.filter((each) => each.offset < first), ...latest], this.atStart)
      this.cutEnd()
    }
  }

  /** What has happened since. `head`: the offset of the last entry, comment or not. */
  add(comments: readonly Comment[], head: number): void {
    this.head = head
    if (this.back) this.count(comments)
    if (this.newest !== null) {
      this.newest = [...this.newest, ...comments].slice(-FOLLOWED)
      return
    }
    this.reach = head
    if (comments.length === 0) return
    this.shown = [...this.shown, ...comments]
    if (this.back) this.cutEnd()
    else this.cutStart(FOLLOWED, FOLLOWED)
  }

  /** It was said, and is taken back. Remembered, for a page that is on its way may still hold it. */
  redact(offset: number, by: Remover): void {
    this.removals.set(offset, by)
    this.shown = this.blanked(this.shown)
    this.newest = this.newest && this.blanked(this.newest)
  }

  private blanked(comments: readonly Comment[]): readonly Comment[] {
    const { removals } = this
    if (!comments.some(({ offset, removed }) => removed === '' && removals.has(offset))) return comments
    return comments.map((each) => (each.removed === '' && removals.has(each.offset) ? redacted(each, removals.get(each.offset) ?? 'moderator') : each))
  }

  /** The page before `before`; nothing if another beginning is shown by now. */
  addEarlier(page: readonly Comment[], before: number, last: boolean): void {
    if (this.shown[0]?.offset !== before) return
    this.shown = this.blanked([...page, ...this.shown])
    this.atStart = last
    this.cutEnd()
  }

  /** The page after `after`; null as `next`: there is nothing more. Nothing if another end is shown by now. */
  addLater(page: readonly Comment[], after: number, next: number | null): void {
    if (this.newest === null || this.reach !== after) return
    const first = this.newest[0]?.offset ?? 0
    const joined = next === null || next + 1 >= first
    this.shown = this.blanked([...this.shown, ...page.filter((each) => each.offset < first)])
    if (joined) {
      this.shown = [...this.shown, ...this.newest]
      this.newest = null
    }
    this.reach = joined ? this.head : next
    this.cutStart(HELD, WALKED)
  }

  /** Its reader goes to the newest, or has scrolled back from them. */
  turn(back: boolean): void {
    this.back = back
    if (back) return
    this.unread = 0
    if (this.newest !== null) this.show(this.newest, false)
    this.cutStart(FOLLOWED, FOLLOWED)
  }

  private show(comments: readonly Comment[], atStart: boolean): void {
    this.shown = comments
    this.newest = null
    this.reach = this.head
    this.atStart = atStart
  }

  private count(fresh: readonly Comment[]): void {
    this.unread += fresh.filter((each) => !each.mine).length
  }

  /** More than `most` are cut to the last `left`. */
  private cutStart(most: number, left: number): void {
    if (this.shown.length <= most) return
    this.shown = this.shown.slice(-left)
    this.atStart = false
  }

  private cutEnd(): void {
    if (this.shown.length <= HELD) return
    this.newest ??= this.shown.slice(-FOLLOWED)
    this.shown = this.shown.slice(0, HELD)
    this.reach = this.shown[HELD - 1]?.offset ?? 0
  }
}
