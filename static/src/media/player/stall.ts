/**
 * Notices a picture that stands still although it should move, and says what to do about it: first jump to the live edge, then
 * load anew with growing pauses. Pure: the player feeds it once a second.
 */
import { Backoff } from '../backoff'

export type Cure = 'none' | 'jump' | 'reload'

const JUMP_AFTER = 3_000
const RELOAD_AFTER = 7_000
/** s between two looks */
const PLAYED_ON = 2.5

export class StallWatch {
  private position = -1
  private movedAt = 0
  private jumped = false
  private reloadAt = 0

  constructor(private readonly backoff = new Backoff(RELOAD_AFTER, 30_000)) {}

  /** `should`: the picture is expected to move (live, wanted, in sight). Times in ms. */
  look(now: number, position: number, should: boolean): Cure {
    if (!should || position !== this.position) {
      // Playing on is a success; a jump (a new start, the live edge) is not yet one.
      const step = position - this.position
      if (should && step > 0 && step < PLAYED_ON) this.backoff.reset()
      this.position = position
      this.movedAt = now
      this.jumped = false
      this.reloadAt = now + RELOAD_AFTER
      return 'none'
    }
    const still = now - this.movedAt
    if (now >= this.reloadAt && still >= RELOAD_AFTER) {
      this.reloadAt = now + this.backoff.next()
      return 'reload'
    }
    if (!this.jumped && still >= JUMP_AFTER) {
      this.jumped = true
      return 'jump'
    }
    return 'none'
  }

  /** ms for which the picture has stood still. */
  still(now: number): number {
    return now - this.movedAt
  }
}
