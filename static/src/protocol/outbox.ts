/**
 * Writes that have not been acknowledged. Each carries a `client_id`, so it may be sent as often as needed and counts once; it is
 * kept until the server has said yes or no.
 */
import { Refused, type Ack, type Wire } from './wire'

const PATIENCE = 10_000
/** Writes on their way at once; a server takes more for an attack. */
const AT_ONCE = 16
/** Refusals that only mean "not now". */
const LATER: ReadonlySet<string> = new Set(['too_fast', 'busy', 'storage_away', 'stopping', 'channel_busy', 'internal'])

interface Write {
  event: string
  payload: object & { client_id: string }
  settle: (answer: object) => void
  refuse: (reason: unknown) => void
  sending: boolean
  /** Was told to come later, or had no answer: waits for the next flush. */
  late: boolean
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
      const write: Write = { event, payload, settle, refuse: reject, sending: false, late: false }
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

  private get full(): boolean {
    return [...this.writes.values()].filter(({ sending }) => sending).length >= AT_ONCE
  }

  /** Somebody else will write from here on: nothing of what waits may go out in that name. */
  clear(): void {
    for (const clientId of [...this.writes.keys()]) this.drop(clientId)
  }

  get size(): number {
    return this.writes.size
  }

  private async attempt(write: Write): Promise<void> {
    if (write.sending || !this.wire.connected || this.full) return
    write.sending = true
    write.late = false
    try {
      this.answered(write, (await this.wire.call(write.event, write.payload, PATIENCE)) as Ack<object>)
    } catch {
      this.again(write)
    } finally {
      write.sending = false
    }
    const next = [...this.writes.values()].find(({ sending, late }) => !sending && !late)
    if (next !== undefined) void this.attempt(next)
  }

  private answered(write: Write, answer: Ack<object>): void {
    if (!answer.ok && LATER.has(answer.error.code)) {
      this.again(write)
      return
    }
    this.writes.delete(write.payload.client_id)
    if (answer.ok) write.settle(answer)
    else write.refuse(new Refused(answer.error.code, answer.error.message))
  }

  private again(write: Write): void {
    write.late = true
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.flush()
    }, this.pause)
  }
}
