/**
 * What this page has said and the server has not acknowledged: sealed under the keys of now, kept sealed on the device, sent until there
 * is an answer. Where the keys have changed before it went out it is sealed anew. Knows no Vue.
 *
 * A number is given to one message only, also where the server says that it has refused it: a server that keeps what it refuses would
 * otherwise have two under one number to choose from. Which numbers stand for nothing the other page is told inside the seal.
 */
import { Refused, type MessageIn } from '@/protocol'
import { fromBase64, toBase64 } from '@/sealed/bytes'
import { MOST_SKIPPED, readContent, written, type Content, type MessageKind, type SkippedContent } from '@/sealed/content'
import type { KeptTalk, Outgoing } from '@/sealed/keeper'
import { seal, unsealOwn } from '@/sealed/sealing'
import { withRound, type Keys } from './keys'

export interface Pending {
  clientId: string
  kind: MessageKind
  content: Content
  at: number
  /** Under which it was sealed; number 0: not yet. */
  round: number
  number: number
  /** Why it was refused, in words; '' while it may still go out. */
  reason: string
  blob: string | undefined
  of: string | undefined
}

type Write = MessageIn

export interface OutboundHooks {
  talk: string
  keys: Keys
  write: (payload: Write) => Promise<unknown>
  changed: () => void
  now: () => number
  newId: () => string
}

/** Sealed under keys that are not those of now. */
const OVERTAKEN: readonly string[] = ['key_round_over', 'keys_not_agreed']
/** The server failed: it may have the message all the same, so nobody is told that there is none. */
const UNKNOWN: readonly string[] = ['internal']

export class Outbound {
  pending: readonly Pending[] = []
  private restored = false
  private turn: Promise<void> = Promise.resolve()
  private readonly waiting = new Set<string>()
  private explaining = false

  constructor(private readonly hooks: OutboundHooks) {}

  /** What is seen in the list while it is on its way; signalling is not. Resolves once the server has it, or has refused it. */
  async send(kind: MessageKind, content: Content, blob?: string, of?: string): Promise<void> {
    const pending: Pending = { clientId: this.hooks.newId(), kind, content, at: this.hooks.now(), round: 0, number: 0, reason: '', blob, of }
    this.put(pending)
    await this.deliver(pending)
  }

  /** Said once in a round, whatever comes between: `mark` remembers it. */
  async once(kind: MessageKind, content: Content, mark: string, of?: string): Promise<void> {
    const { round } = this.hooks.keys.view
    let first = false
    await this.hooks.keys.update((kept) => {
      first = kept.rounds[round]?.passed.includes(mark) === false
      return { ...kept, rounds: withRound(kept, round, (state) => ({ ...state, passed: first ? [...state.passed, mark] : state.passed })) }
    })
    if (first) void this.send(kind, content, undefined, of)
  }

  again = (clientId: string): void => {
    const pending = this.pending.find((each) => each.clientId === clientId)
    if (pending === undefined) return
    this.discard(clientId)
    const fresh = { ...pending, clientId: this.hooks.newId(), round: 0, number: 0, reason: '', at: this.hooks.now() }
    this.put(fresh)
    void this.deliver(fresh)
  }

  discard = (clientId: string): void => {
    this.drop(clientId)
    void this.forget(clientId)
  }

  /** Keys are there: what was left from before a reload goes out, and what has waited for them. */
  async resume(): Promise<void> {
    if (!this.restored) {
      this.restored = true
      await this.restore()
    }
    for (const clientId of [...this.waiting]) {
      const pending = this.pending.find((each) => each.clientId === clientId)
      this.waiting.delete(clientId)
      if (pending !== undefined) void this.deliver(pending)
    }
  }

  /** The journal tells of these: they need not be shown a second time. */
  prune(told: (pending: Pending) => boolean): void {
    if (this.pending.some(told)) this.pending = this.pending.filter((each) => !told(each))
  }

  private async restore(): Promise<void> {
    for (const { write, at, reason } of this.hooks.keys.kept?.outgoing ?? []) {
      const sent = write as unknown as Write
      if (this.pending.some(({ clientId }) => clientId === sent.client_id)) continue
      const content = await this.opened(sent)
      if (content === undefined) {
        await this.forget(sent.client_id)
        continue
      }
      const pending = { clientId: sent.client_id, kind: sent.kind, content, at, round: sent.key, number: sent.number, reason, blob: sent.blob ?? undefined, of: sent.of ?? undefined }
      if (this.hooks.keys.doubts(sent.key)) {
        // Somebody else can open what was sealed under these keys: it goes out under those of now.
        await this.forget(sent.client_id)
        const fresh = { ...pending, clientId: this.hooks.newId(), round: 0, number: 0 }
        this.put(fresh)
        if (reason === '') void this.deliver(fresh)
        continue
      }
      this.put(pending)
      if (reason === '') void this.hand(sent, content)
    }
  }

  private async opened(write: Write): Promise<Content | undefined> {
    const keys = this.hooks.keys.keysOf(write.key)
    const sealed = fromBase64(write.body)
    if (keys === null || sealed === undefined) return undefined
    const bytes = await unsealOwn(keys, { talk: this.hooks.talk, round: write.key, kind: write.kind, number: write.number }, sealed)
    return bytes === undefined ? undefined : readContent(bytes)
  }

  /** Sealed one after the other, so that they go out in the order in which they were said. */
  private async deliver(pending: Pending): Promise<void> {
    if (pending.content.t !== 'skipped') void this.explain()
    let write: Write | null = null
    this.turn = this.turn.then(async () => {
      write = await this.sealed(pending)
    }).catch(() => undefined)
    await this.turn
    if (write === null) this.waiting.add(pending.clientId)
    else await this.hand(write, pending.content)
  }

  private async sealed(pending: Pending): Promise<Write | null> {
    const { keys, talk } = this.hooks
    const { round, state } = keys.view
    const found = keys.keysOf(round)
    if (state !== 'agreed' || found === null) return null
    let number = 0
    await keys.update((kept) => {
      const before = kept.rounds[round]
      number = before === undefined ? 0 : before.sent + 1
      return { ...kept, rounds: withRound(kept, round, (now) => ({ ...now, sent: now.sent + 1 })) }
    })
    if (number === 0) return null // there are no such keys any more
    const body = toBase64(await seal(found, { talk, round, kind: pending.kind, number }, written(pending.content)))
    const write: Write = {
      conversation: talk, client_id: pending.clientId, body, key: round, kind: pending.kind, number,
      ...(pending.blob === undefined ? {} : { blob: pending.blob }),
      ...(pending.of === undefined ? {} : { of: pending.of }),
    }
    await this.keep(write, pending.at, '')
    this.put({ ...pending, round, number })
    return write
  }

  private async hand(write: Write, content: Content): Promise<void> {
    try {
      await this.hooks.write(write)
      await this.forget(write.client_id)
      if (content.t === 'skipped') await this.told(content)
      this.done(write.client_id)
    } catch (error) {
      await this.refused(write, error)
    }
  }

  private async refused(write: Write, error: unknown): Promise<void> {
    const pending = this.pending.find(({ clientId }) => clientId === write.client_id)
    if (error instanceof Refused && error.code === 'dropped') return
    await this.forget(write.client_id)
    if (error instanceof Refused && !UNKNOWN.includes(error.code)) await this.skip(write)
    if (pending === undefined) return
    if (error instanceof Refused && OVERTAKEN.includes(error.code)) {
      const fresh = { ...pending, clientId: this.hooks.newId(), round: 0, number: 0 }
      this.drop(write.client_id)
      this.put(fresh)
      if (this.hooks.keys.view.round > write.key) await this.deliver(fresh)
      else this.waiting.add(fresh.clientId)
      return
    }
    if (pending.content.t !== 'skipped' && (this.hooks.keys.kept?.rounds[write.key]?.sent ?? 0) > write.number) void this.explain()
    if (pending.kind === 'text' || pending.kind === 'picture' || pending.kind === 'voice') {
      this.put({ ...pending, reason: error instanceof Refused ? error.message : '没有发出去' })
    } else {
      this.drop(write.client_id)
    }
  }

  /** Nothing comes under this number: the other page is to know, so that it does not miss it, and takes nothing that comes all the same. */
  private async skip(write: Write): Promise<void> {
    await this.hooks.keys.update((kept) => ({ ...kept, rounds: withRound(kept, write.key, (state) => ({ ...state, skipped: [...(state.skipped ?? []), write.number] })) }))
  }

  /** Before whatever goes out next; until there is nothing to tell, or telling is refused too. */
  private async explain(): Promise<void> {
    if (this.explaining) return
    this.explaining = true
    const { keys } = this.hooks
    for (let before: number | undefined; ; ) {
      const { round, state } = keys.view
      const untold = keys.kept?.rounds[round]?.skipped ?? []
      if (state !== 'agreed' || keys.ended || untold.length === 0 || untold[0] === before) break
      before = untold[0]
      await this.send('system', { t: 'skipped', round, numbers: untold.slice(0, MOST_SKIPPED) })
    }
    this.explaining = false
  }

  private async told({ round, numbers }: SkippedContent): Promise<void> {
    await this.hooks.keys.update((kept) => ({ ...kept, rounds: withRound(kept, round, (state) => ({ ...state, skipped: (state.skipped ?? []).filter((each) => !numbers.includes(each)) })) }))
  }

  private async keep(write: Write, at: number, reason: string): Promise<void> {
    const kept: Outgoing = { write: { ...write }, at, reason }
    await this.hooks.keys.update((talk) => ({ ...talk, outgoing: [...without(talk, write.client_id), kept] }))
  }

  private async forget(clientId: string): Promise<void> {
    await this.hooks.keys.update((talk) => ({ ...talk, outgoing: without(talk, clientId) }))
  }

  /** Durable; it stays in the list until the journal tells of it. */
  private done(clientId: string): void {
    const pending = this.pending.find((each) => each.clientId === clientId)
    if (pending === undefined) return
    if (['text', 'picture', 'voice'].includes(pending.kind)) this.put({ ...pending, reason: '' })
    else this.drop(clientId)
  }

  private put(pending: Pending): void {
    const known = this.pending.some(({ clientId }) => clientId === pending.clientId)
    this.pending = known ? this.pending.map((each) => (each.clientId === pending.clientId ? pending : each)) : [...this.pending, pending]
    this.hooks.changed()
  }

  private drop(clientId: string): void {
    this.pending = this.pending.filter((each) => each.clientId !== clientId)
    this.waiting.delete(clientId)
    this.hooks.changed()
  }
}

const without = (kept: KeptTalk, clientId: string): Outgoing[] => kept.outgoing.filter(({ write }) => write.client_id !== clientId)
