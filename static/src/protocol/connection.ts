/**
 * The live connection of a page: channels that are followed without a gap, and writes that are not lost. Knows no Vue and no DOM.
 *
 * One rule for every surface: after each connect, each `resync` and each gap the channel is subscribed again from the position
 * reached, and the server answers with what was missed or with a snapshot. See docs/protocol.md.
 */
import { Outbox } from './outbox'
import { Position, type Reached } from './position'
import { Refused, type Ack, type Batch, type Entry, type Signals, type Subscribe, type Subscribed, type Unsubscribe, type Wire } from './wire'

const PATIENCE = 8_000
/** ms in which a connection that slept must answer; otherwise it is opened anew */
const WAKE = 4_000

export interface Follower {
  /** Everything as it is at `at`; what was known before is void, or to be fitted to it where the epoch is the same. */
  snapshot: (state: Record<string, unknown>, at: Readonly<Reached>) => void
  /** What happened since, in order and without a gap. */
  entries: (entries: Entry[]) => void
  signals?: (values: Signals) => void
  /** Not there, or not for this person. */
  refused?: (reason: Refused) => void
}

interface Followed {
  follower: Follower
  position: Position
  /** Counts subscriptions, so that the answer to an older one is ignored. */
  asked: number
  subscribed: boolean
  retry: ReturnType<typeof setTimeout> | undefined
}

export class Connection {
  private readonly channels = new Map<string, Followed>()
  private readonly outbox: Outbox
  private readonly listeners = new Set<(online: boolean) => void>()

  constructor(
    private readonly wire: Wire,
    private readonly pause = 2_000,
  ) {
    this.outbox = new Outbox(wire)
    wire.on('connect', () => {
      this.tell(true)
      for (const channel of this.channels.keys()) this.subscribe(channel)
      this.outbox.flush()
    })
    wire.on('disconnect', () => {
      for (const followed of this.channels.values()) followed.subscribed = false
      this.tell(false)
    })
    wire.on('entries', (batch) => {
      this.hear(batch)
    })
    wire.on('signals', (signals) => {
      this.channels.get(signals.channel)?.follower.signals?.(signals)
    })
    wire.on('resync', (news) => {
      if (this.channels.has(news.channel)) this.subscribe(news.channel)
    })
  }

  get online(): boolean {
    return this.wire.connected
  }

  /** Whether there is anything the connection is needed for. */
  get following(): boolean {
    return this.channels.size > 0 || this.outbox.size > 0
  }

  /** Hear of the connection coming and going; gives the way to stop. */
  onStatus(listener: (online: boolean) => void): () => void {
    this.listeners.add(listener)
    return () => this.listeners.delete(listener)
  }

  /** Follow a channel until the returned function is called. A channel has one follower. */
  follow(channel: string, follower: Follower): () => void {
    const followed: Followed = { follower, position: new Position(), asked: 0, subscribed: false, retry: undefined }
    this.channels.set(channel, followed)
    if (this.wire.connected) this.subscribe(channel)
    else this.wire.open()
    return () => {
      clearTimeout(followed.retry)
      if (this.channels.get(channel) !== followed) return
      this.channels.delete(channel)
      if (this.wire.connected) this.wire.call('unsubscribe', { channel } satisfies Unsubscribe, PATIENCE).catch(() => undefined)
      if (!this.following) this.wire.close()
    }
  }

  /** Write something; resolves once it is durable. Sent again after every interruption until the server has answered. */
  write<Answer extends object>(event: string, payload: object & { client_id: string }): Promise<Answer> {
    if (!this.wire.connected) this.wire.open()
    return this.outbox.send<Answer>(event, payload)
  }

  /** Say something that is worth saying now or not at all; null where it was not heard, or refused. */
  async once<Answer extends object>(event: string, payload: object): Promise<Answer | null> {
    if (!this.wire.connected) return null
    const answer = (await this.wire.call(event, payload, PATIENCE).catch(() => null)) as Ack<Answer> | null
    return answer?.ok === true ? answer : null
  }

  drop(clientId: string): void {
    this.outbox.drop(clientId)
  }

  /** Another person uses the page, or nobody: what was not acknowledged is given up, and the connection made anew if it is needed. */
  handOver(): void {
    this.outbox.clear()
    for (const followed of this.channels.values()) followed.position = new Position()
    if (!this.wire.connected) return
    this.wire.close()
    if (this.following) this.wire.open()
  }

  /** The page is in sight again, or the network is back: make sure that the connection lives, and catch up. */
  async wake(): Promise<void> {
    if (this.wire.connected) {
      try {
        await Promise.all([...this.channels.keys()].map((channel) => this.ask(channel, WAKE)))
        return
      } catch (error) {
        if (error instanceof Refused) {
          for (const channel of this.channels.keys()) this.subscribe(channel) // it lives, and asks for patience
          return
        }
      }
    }
    // It only looked open, for phones put sockets to sleep without telling either end; or it waits for its next attempt, which
    // may be seconds away.
    this.wire.close()
    this.wire.open()
  }

  private subscribe(channel: string): void {
    this.ask(channel, PATIENCE).catch(() => {
      const followed = this.channels.get(channel)
      if (followed === undefined) return
      clearTimeout(followed.retry)
      followed.retry = setTimeout(() => {
        if (this.wire.connected) this.subscribe(channel)
      }, this.pause)
    })
  }

  /** Rejects when no answer came, or one that asks for patience. */
  private async ask(channel: string, patience: number): Promise<void> {
    const followed = this.channels.get(channel)
    if (followed === undefined) return
    const asked = ++followed.asked
    followed.subscribed = false
    const { epoch, head } = followed.position
    const wanted: Subscribe = { channel, ...(epoch === '' ? {} : { epoch, after: head }), to_head: true }
    const answer = (await this.wire.call('subscribe', wanted, patience)) as Ack<Subscribed>
    if (this.channels.get(channel) !== followed || followed.asked !== asked) return
    if (!answer.ok) {
      if (!['not_found', 'sign_in_needed', 'payload_invalid'].includes(answer.error.code)) throw new Refused(answer.error.code, answer.error.message)
      followed.follower.refused?.(new Refused(answer.error.code, answer.error.message))
      return
    }
    followed.subscribed = true
    const fresh = answer.entries.filter((entry) => !answer.recovered || entry.offset > head)
    followed.position.set(answer.epoch, answer.head)
    if (!answer.recovered) followed.follower.snapshot(answer.snapshot ?? {}, { epoch: answer.epoch, head: answer.head - answer.entries.length })
    if (fresh.length > 0) followed.follower.entries(fresh)
  }

  private hear(batch: Batch): void {
    const followed = this.channels.get(batch.channel)
    if (followed?.subscribed !== true) return // what it holds comes with the answer that is on its way
    const fresh = followed.position.take(batch)
    if (fresh === null) this.subscribe(batch.channel)
    else if (fresh.length > 0) followed.follower.entries(fresh)
  }

  private tell(online: boolean): void {
    for (const listener of this.listeners) listener(online)
  }
}
