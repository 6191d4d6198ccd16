/**
 * Writes that have not been acknowledged. Each carries a `client_id`, so it may be sent as often as needed and counts once; it is
 * kept until the server has said yes or no.
 */
import { Refused, type Ack, type Wire } from './wire'

const PATIENCE = 10_000
/** Refusals that only mean "not now". */
const LATER: ReadonlySet<string> = new Set(['too_fast', 'busy', 'storage_away', 'stopping', 'channel_busy', 'internal'])

interface Write {
  event: string
  payload: object & { client_id: string }
  settle: (answer: object) => void
  refuse: (reason: unknown) => void
  sending: boolean
}

export class Outbox {
  private readonly writes = new Map<string, Write>()
  private timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private readonly wire: Wire,
    private readonly pause = 1_500,
  ) {}

  /** Resolves with the acknowledgement however long that takes; rejects with Refused when the server has said no for good. */
  send<Answer extends object>(event: string, payload: object & { client_id: string }): Promise<Answer> {
    return new Promise<Answer>((resolve, reject) => {
      const settle = resolve as (answer: object) => void
      const write: Write = { event, payload, settle, refuse: reject, sending: false }
      this.writes.set(payload.client_id, write)
      void this.attempt(write)
    })
  }

  /** Give a write up; whether the server has it already stays unknown. */
  drop(clientId: string): void {
    this.writes.get(clientId)?.refuse(new Refused('dropped', '已取消'))
    this.writes.delete(clientId)
  }

  /** The connection stands again: everything unacknowledged is sent once more, in its order. */
  flush(): void {
    for (const write of this.writes.values()) void this.attempt(write)
  }

  get size(): number {
    return this.writes.size
  }

  private async attempt(write: Write): Promise<void> {
    if (write.sending || !this.wire.connected) return
    write.sending = true
    try {
      this.answered(write, (await this.wire.call(write.event, write.payload, PATIENCE)) as Ack<object>)
    } catch {
      this.again()
    } finally {
      write.sending = false
    }
  }

  private answered(write: Write, answer: Ack<object>): void {
    if (!answer.ok && LATER.has(answer.error.code)) {
      this.again()
      return
    }
    this.writes.delete(write.payload.client_id)
    if (answer.ok) write.settle(answer)
    else write.refuse(new Refused(answer.error.code, answer.error.message))
  }

  private again(): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.flush()
    }, this.pause)
  }
}
