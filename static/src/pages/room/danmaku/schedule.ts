/**
 * Which comments are due over the picture: each when the picture reaches the moment it was written about. One that comes when the
 * picture is past that moment is due at once, also when a live picture has skipped over it because the network was slow. After any
 * other jump, and after a sleep, only what belongs to the new moment is: nothing is made up for. Pure; times are ms since the epoch.
 */
import type { Comment } from '../comments/comment'

/** What was said so shortly before the place of a jump belongs to it. */
const RECENT = 1_500
/** A step of the picture that is no playing on: even at double speed there are many steps a second. */
const JUMP = 1_500
/** A live picture that has fallen behind skips so far ahead at most. */
const SKIP = 15_000
/** Late comments that wait for the picture to move again. */
const MOST_LATE = 30
/** Kept of what was said while one watches, so that a small step back finds it. */
const KEPT = 600

export class Schedule {
  /** In the order of their moments. */
  private all: readonly Comment[] = []
  /** The first of them that was not looked at. */
  private next = 0
  private late: Comment[] = []
  private at: number | null = null
  /** Offsets of what was due since the last jump, so that another page that holds it brings it not again. */
  private readonly given = new Set<number>()
  /** Offsets of what was said while one watches. */
  private readonly heard = new Set<number>()

  /** All that is known around the picture, in the order of its moments, in the place of what was known before. */
  known(comments: readonly Comment[]): void {
    this.all = comments.filter(({ removed }) => removed === '')
    this.lookFrom()
  }

  /** One more is told of. `fresh`: said just now, so that it is due even if the picture is past its moment. */
  said(comment: Comment, fresh: boolean): void {
    const moment = when(comment)
    if (fresh) this.hear(comment.offset)
    if (this.at !== null && moment <= this.at) {
      if (fresh && !this.given.has(comment.offset)) this.late = [...this.late, comment].slice(-MOST_LATE)
      this.given.add(comment.offset)
    }
    let place = this.all.length
    while (place > 0 && when(this.all[place - 1]) > moment) place -= 1
    this.all = [...this.all.slice(0, place), comment, ...this.all.slice(place)].slice(-KEPT)
    this.lookFrom()
  }

  gone(offset: number): void {
    this.all = this.all.filter((each) => each.offset !== offset)
    this.late = this.late.filter((each) => each.offset !== offset)
    this.lookFrom()
  }

  /** The picture shows this moment now. `jumped`: and what ran over it belongs to another one. */
  advance(now: number): { due: readonly Comment[]; jumped: boolean } {
    const jumped = this.at === null || now < this.at - JUMP || now > this.at + JUMP
    if (jumped) {
      this.late = this.at !== null && now > this.at && now <= this.at + SKIP ? this.skipped(this.at, now) : []
      this.given.clear()
    }
    this.at = jumped ? now : Math.max(now, this.at ?? now)
    if (jumped) this.lookFrom()
    const due = this.late
    this.late = []
    for (let comment = this.all[this.next]; comment !== undefined && when(comment) <= now; comment = this.all[this.next]) {
      this.next += 1
      if (this.given.has(comment.offset)) continue
      this.given.add(comment.offset)
      due.push(comment)
    }
    return { due, jumped }
  }

  /** What was said while one watches, and waited for a picture that has skipped over it. */
  private skipped(from: number, to: number): Comment[] {
    const over = this.all.filter((each) => this.heard.has(each.offset) && when(each) > from && when(each) <= to - RECENT)
    return [...this.late, ...over].slice(-MOST_LATE)
  }

  private hear(offset: number): void {
    this.heard.add(offset)
    const [oldest] = this.heard
    if (this.heard.size > KEPT && oldest !== undefined) this.heard.delete(oldest)
  }

  /** What the picture is well past is not looked at. */
  private lookFrom(): void {
    const from = (this.at ?? -Infinity) - RECENT
    const next = this.all.findIndex((each) => when(each) > from)
    this.next = next < 0 ? this.all.length : next
  }
}

function when(comment: Comment | undefined): number {
  return comment?.mediaAt ?? 0
}
