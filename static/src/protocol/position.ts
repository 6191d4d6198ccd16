/** How far a client has followed one channel. Pure: decides what of a message is new, and whether something is missing. */
import type { Batch, Entry } from './wire'

/** A place in one history of a channel. */
export interface Reached {
  epoch: string
  head: number
}

export class Position implements Reached {
  epoch = ''
  head = 0

  /** A snapshot or a recovery has brought the client here. */
  set(epoch: string, head: number): void {
    this.epoch = epoch
    this.head = head
  }

  /** The entries not seen before, in order; null where one is missing in between and the channel must be subscribed again. */
  take(batch: Batch): Entry[] | null {
    if (batch.epoch !== this.epoch || batch.first > this.head + 1) return null
    const fresh = batch.entries.filter((entry) => entry.offset > this.head)
    const last = fresh[fresh.length - 1]
    if (last !== undefined) this.head = last.offset
    return fresh
  }
}
