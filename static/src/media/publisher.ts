/**
 * Keeps one broadcast's camera on the air: connects, notices a loss, connects again with growing pauses into the same broadcast.
 *
 * A loss is followed by a new WHIP POST with the same token; the server appends to the same stream. Right after a loss our own
 * dead session may still count as the sender (409 publisher_active): that is waited out. When it lasts longer, another device
 * really sends, and only a person may decide to take over from it.
 */
import { Backoff } from './backoff'
import { type SendingLimits, type Tracks, type WhipClient, WhipError } from './whip'

export type PublisherState =
  | { name: 'idle' }
  | { name: 'connecting' }
  | { name: 'sending' }
  | { name: 'reconnecting'; tries: number }
  | { name: 'occupied' }
  | { name: 'refused'; code: string; detail: string }

export type Sender = Pick<WhipClient, 'publish' | 'stop' | 'replace' | 'has' | 'onState' | 'peer'>

export interface PublisherOptions {
  /** A client for the broadcast's present address and token; called for each attempt, `renewed` after a refused token. */
  connect: (renewed: boolean) => Promise<Sender>
  onState: (state: PublisherState) => void
  now?: () => number
  chance?: () => number
}

/** ms: how long ICE may be unsure before a new session is begun; the server replaces a silent publisher after 3 s. */
const UNSURE = 2_000
const CONNECT_WITHIN = 12_000
const GHOST = 8_000
const GHOST_PAUSE = 1_000

export class Publisher {
  state: PublisherState = { name: 'idle' }
  private tracks: Tracks = { video: null, audio: null }
  private limits: SendingLimits | null = null
  private client: Sender | null = null
  private timer: ReturnType<typeof setTimeout> | undefined
  private ghostUntil = 0
  private turn = 0
  private readonly backoff: Backoff
  private readonly now: () => number

  constructor(private readonly options: PublisherOptions) {
    this.backoff = new Backoff(500, 10_000, options.chance)
    this.now = options.now ?? (() => Date.now())
  }

  get peer(): RTCPeerConnection | null {
    return this.client?.peer ?? null
  }

  /** `resuming`: this page sent a moment ago (reload); its own ghost is waited out like after a loss. */
  start(tracks: Tracks, limits: SendingLimits, how: { takeover?: boolean; resuming?: boolean } = {}): void {
    this.tracks = { ...tracks }
    this.limits = limits
    this.backoff.reset()
    this.ghostUntil = how.resuming === true ? this.now() + GHOST : 0
    this.enter({ name: 'connecting' })
    void this.attempt(how.takeover === true)
  }

  /** Goes on sending what it last sent, after the host has decided. */
  takeOver(): void {
    if (this.limits !== null) this.start(this.tracks, this.limits, { takeover: true })
  }

  async stop(): Promise<void> {
    const client = this.drop()
    this.enter({ name: 'idle' })
    await client?.stop()
  }

  /** In place where the session has such a track; a new kind of track needs a new session. */
  async replace(kind: 'video' | 'audio', track: MediaStreamTrack | null): Promise<void> {
    this.tracks[kind] = track
    if (this.client === null) return
    if (this.client.has(kind)) await this.client.replace(kind, track)
    else if (track !== null) this.lose()
  }

  /** The network is back, or the page woke: do not sit out a long pause. */
  wake(): void {
    if (this.state.name === 'reconnecting' && this.timer !== undefined && this.client === null) this.retryIn(0)
  }

  /** The connection is dead although it has not said so (the server sees nothing). */
  lose(): void {
    if (this.limits === null || this.state.name === 'idle') return
    const client = this.drop()
    void client?.stop()
    this.ghostUntil = this.now() + GHOST
    this.enter({ name: 'reconnecting', tries: this.backoff.tries })
    this.retryIn(this.backoff.next())
  }

  /** The server receives somebody else: stop trying, a person decides. */
  yieldTo(): void {
    if (this.state.name !== 'reconnecting') return
    void this.drop()?.stop()
    this.enter({ name: 'occupied' })
  }

  private drop(): Sender | null {
    this.turn += 1
    clearTimeout(this.timer)
    this.timer = undefined
    const client = this.client
    this.client = null
    return client
  }

  private retryIn(pause: number): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.timer = undefined
      void this.attempt(false)
    }, pause)
  }

  private async attempt(takeover: boolean, renewed = false): Promise<void> {
    const turn = ++this.turn
    try {
      const client = await this.options.connect(renewed)
      if (turn !== this.turn || this.limits === null) return
      this.client = client
      client.onState = (state) => {
        if (this.client === client) this.connection(state)
      }
      this.timer = setTimeout(() => {
        if (this.client === client && this.state.name !== 'sending') this.lose()
      }, CONNECT_WITHIN)
      await client.publish(this.tracks, this.limits, takeover)
    } catch (error) {
      if (turn === this.turn) this.fail(error, takeover, renewed)
    }
  }

  private connection(state: RTCPeerConnectionState): void {
    if (state === 'connected') {
      clearTimeout(this.timer)
      this.backoff.reset()
      this.enter({ name: 'sending' })
    } else if (state === 'failed' || state === 'closed') {
      this.lose()
    } else if (state === 'disconnected') {
      clearTimeout(this.timer)
      this.timer = setTimeout(() => {
        this.lose()
      }, UNSURE)
    }
  }

  private fail(error: unknown, takeover: boolean, renewed: boolean): void {
    this.drop()
    const refusal = error instanceof WhipError ? error : null
    if (refusal?.code === 'publisher_active') {
      if (this.now() < this.ghostUntil) this.again(GHOST_PAUSE)
      else this.enter({ name: 'occupied' })
    } else if (refusal?.status === 401 && !renewed) {
      void this.attempt(takeover, true)
    } else if (refusal !== null && isFinal(refusal)) {
      this.enter({ name: 'refused', code: refusal.code, detail: refusal.detail })
    } else {
      this.again(Math.max(this.backoff.next(), (refusal?.retryAfter ?? 0) * 1000))
    }
  }

  private again(pause: number): void {
    this.enter({ name: 'reconnecting', tries: this.backoff.tries })
    this.retryIn(pause)
  }

  private enter(state: PublisherState): void {
    this.state = state
    this.options.onState(state)
  }
}

function isFinal(refusal: WhipError): boolean {
  return refusal.code === 'h264_missing' || (refusal.status >= 400 && refusal.status < 500 && refusal.status !== 429 && refusal.status !== 408)
}
