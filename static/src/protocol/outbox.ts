/**
 * Writes that have not been acknowledged. Each carries a `client_id`, so it may be sent as often as needed and counts once; it is
 * kept until the server has said yes or no.
 */
import { Refused, type Ack, type Wire } from './wire'

const PATIENCE = 10_000
/** Writes on their way at once; a server takes more for an attack. */
const AT_ONCE = 16
/** Refusals that only mean "not now". */
const LATER: ReadonlySet<string> = new Set(['too_fast', 'busy', 'storage_away', 'stopping', 'channel_busy', 'queue_full', 'internal'])
/** ms; the pauses before another attempt grow up to it */
const LONGEST = 15_000
/** The server's own faults may never pass: after so many the person is told. */
const MOST_FAULTS = 6

interface Write {
  event: string
  payload: object & { client_id: string }
  /** Of whoever sent it first; whoever sends the same again waits for the same. */
  answer: Promise<object>
  settle: (answer: object) => void
  refuse: (reason: unknown) => void
  sending: boolean
  /** Was told to come later, or had no answer: waits for the next flush. */
  late: boolean
  faults: number
}

export class Outbox {
  private readonly writes = new Map<string, Write>()
  private timer: ReturnType<typeof setTimeout> | undefined
  /** Pauses since something went well. */
  private pauses = 0

  constructor(
    private readonly wire: Wire,
    private readonly pause = 1_500,
  ) {}

  /**
   * Resolves with the acknowledgement however long that takes; rejects with Refused when the server has said no for good. What
   * is under way already is not sent a second time.
   */
  send<Answer extends object>(event: string, payload: object & { client_id: string }): Promise<Answer> {
    const known = this.writes.get(payload.client_id)
    if (known !== undefined) return known.answer as Promise<Answer>
    let settle: Write['settle'] = () => undefined
    let refuse: Write['refuse'] = () => undefined
    const answer = new Promise<object>((resolve, reject) => {
      settle = resolve
      refuse = reject
    })
    const write: Write = { event, payload, answer, settle, refuse, sending: false, late: false, faults: 0 }
    this.writes.set(payload.client_id, write)
    void this.attempt(write)
    return answer as Promise<Answer>
  }

  /** Give a write up; whether the server has it already stays unknown. */
  drop(clientId: string): void {
    this.writes.get(clientId)?.refuse(new Refused('dropped', '已取消'))
    this.writes.delete(clientId)
  }

  /** The connection stands again: everything unacknowledged is sent once more, in its order. */
  flush(): void {
    this.pauses = 0
    this.resume()
  }

  private resume(): void {
    for (const write of this.writes.values()) {
      write.late = false // also those that have to wait for the ones before them
      void this.attempt(write)
    }
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
    if (this.writes.get(write.payload.client_id) !== write) return // given up meanwhile
    if (!answer.ok && LATER.has(answer.error.code) && !this.hopeless(write, answer.error.code)) {
      this.again(write)
      return
    }
    this.pauses = 0
    this.writes.delete(write.payload.client_id)
    if (answer.ok) write.settle(answer)
    else write.refuse(new Refused(answer.error.code, answer.error.message, answer.error.retry_after ?? null))
  }

  private hopeless(write: Write, code: string): boolean {
    if (code === 'internal') write.faults += 1
    return write.faults >= MOST_FAULTS
  }

  private again(write: Write): void {
    write.late = true
    if (this.timer !== undefined) return
    const pause = Math.min(this.pause * 2 ** this.pauses, LONGEST)
    this.pauses += 1
    this.timer = setTimeout(() => {
      this.timer = undefined
      this.resume()
    }, pause)
  }
}
