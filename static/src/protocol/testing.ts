/** For tests: the other end of the wire, by script. */
import type { Batch, Entry, Heard, Wire } from './wire'

type Hear = (payload: never) => void

/** A server that answers by script; `say` is what it sends unasked. */
export class Script implements Wire {
  connected = false
  opened = 0
  calls: [string, Record<string, unknown>][] = []
  answers: ((event: string, payload: Record<string, unknown>) => unknown)[] = []
  /** The snapshot of a person's own channel, which stands beside the script; null: no answer ever comes. */
  own: Record<string, unknown> | null = null
  private readonly hearers = new Map<string, Hear>()

  open = (): void => {
    this.opened += 1
  }

  close = (): void => {
    this.drop()
  }

  on = (event: string, hear: Hear): void => {
    this.hearers.set(event, hear)
  }

  call = (event: string, payload: object): Promise<unknown> => {
    this.calls.push([event, payload as Record<string, unknown>])
    if (event === 'subscribe' && String((payload as Record<string, unknown>)['channel']).startsWith('member:')) {
      return this.own === null ? new Promise(() => undefined) : Promise.resolve({ ok: true, epoch: 'm', head: 10, recovered: false, entries: [], snapshot: this.own })
    }
    const answer = this.answers.shift()
    return answer === undefined ? new Promise(() => undefined) : Promise.resolve().then(() => answer(event, payload as never))
  }

  say<Event extends keyof Heard>(event: Event, payload: Heard[Event]): void {
    this.hearers.get(event)?.(payload as never)
  }

  rise(): void {
    this.connected = true
    this.say('connect', undefined)
  }

  drop(): void {
    this.connected = false
    this.say('disconnect', undefined)
  }
}

export const entry = (offset: number): Entry => ({ offset, type: 'comment.posted', at: '', data: { text: String(offset) } })
export const batch = (first: number, ...more: number[]): Batch => ({ channel: 'c', epoch: 'e', first, entries: [first, ...more].map(entry) })
export const fresh = (head: number) => () => ({ ok: true, epoch: 'e', head, recovered: false, entries: [], snapshot: { head } })
export const missed = (head: number, ...offsets: number[]) => () => ({ ok: true, epoch: 'e', head, recovered: true, entries: offsets.map(entry) })
export const settled = () => new Promise((resolve) => setTimeout(resolve))
