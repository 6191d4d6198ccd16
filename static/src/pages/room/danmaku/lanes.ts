/**
 * Room for comments over the picture: lanes in which none touches another, and no more of them a second than somebody wants. Who finds
 * no room is left out, whoever it is; only one's own words, and those of hosts and secretaries, may wait a little. Pure.
 *
 * All cross the picture in the same time, so a long one is faster: it must neither start before the last one in its lane has come in
 * whole, nor catch up with it before the other edge. That is how the engine places them too; here it is known beforehand.
 */

export interface Room {
  lanes: number
  /** px */
  width: number
  /** s in which each crosses the picture, or stands on it */
  duration: number
  /** px between two in a lane */
  gap: number
  perSecond: number
  /** They stand instead of moving. */
  still: boolean
}

/** s an important one may wait for a lane */
const PATIENCE = 3
const MOST_WAITING = 10

interface Taken {
  at: number
  width: number
}

interface Waiting<Each> {
  each: Each
  width: number
  since: number
}

export class Lanes<Each> {
  private taken: (Taken | undefined)[] = []
  private tokens = 0
  private filledAt = 0
  private waiting: Waiting<Each>[] = []

  constructor(private room: Room) {
    this.tokens = room.perSecond
  }

  /** What runs already keeps its lane where there still is one. */
  fit(room: Room): void {
    this.room = room
    this.taken.length = Math.min(this.taken.length, room.lanes)
  }

  clear(): void {
    this.taken = []
    this.waiting = []
    this.tokens = this.room.perSecond
  }

  /** Whether one may come in at `now` (s). An important one that may not is offered again by `again`. `measure`: its px. */
  admits(each: Each, measure: () => number, now: number, important: boolean): boolean {
    this.fill(now)
    if (!important && this.tokens < 1) return false
    const width = measure()
    if (this.take(width, now)) {
      this.tokens = Math.max(0, this.tokens - 1)
      return true
    }
    if (important) this.waiting = [...this.waiting, { each, width, since: now }].slice(-MOST_WAITING)
    return false
  }

  /** Those that have waited and have room now. */
  again(now: number): Each[] {
    if (this.waiting.length === 0) return []
    const inside: Each[] = []
    this.waiting = this.waiting.filter(({ each, width, since }) => {
      if (now - since > PATIENCE) return false
      if (!this.take(width, now)) return true
      inside.push(each)
      return false
    })
    return inside
  }

  withdraw(is: (each: Each) => boolean): void {
    this.waiting = this.waiting.filter(({ each }) => !is(each))
  }

  private take(width: number, now: number): boolean {
    for (let lane = 0; lane < this.room.lanes; lane += 1) {
      if (!this.free(this.taken[lane], width, now)) continue
      this.taken[lane] = { at: now, width }
      return true
    }
    return false
  }

  private free(last: Taken | undefined, width: number, now: number): boolean {
    if (last === undefined) return true
    const { width: across, duration, gap, still } = this.room
    const age = now - last.at
    if (still || age >= duration) return age >= duration
    const entered = (last.width + gap) / (across + last.width)
    const reaches = across / (across + width)
    return age >= entered * duration && now + reaches * duration >= last.at + duration
  }

  private fill(now: number): void {
    const { perSecond } = this.room
    this.tokens = Math.min(perSecond, this.tokens + Math.max(0, now - this.filledAt) * perSecond)
    this.filledAt = now
  }
}
