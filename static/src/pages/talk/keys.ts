/**
 * The keys of one talk on this device, from the first hello to a new device. Knows no Vue: it is told what the journal says, says its
 * next step, and tells how things stand. Everything it must not forget is in the keeper before it says a word of it.
 */
import { Refused } from '@/protocol'
import { idFrom, newDevice } from '@/sealed/bytes'
import { advance, helloOf, newestRound, newRound, type Said, type Standing, type Step } from '@/sealed/exchange'
import { newPair, type TalkKeys } from '@/sealed/handshake'
import type { Keeper, KeptRound, KeptTalk } from '@/sealed/keeper'

export type KeyState = 'unknown' | Standing | 'refused'

export interface KeyView {
  state: KeyState
  round: number
  /** '' until there is one. */
  code: string
  checked: boolean
  /** This device came later, or has lost its keys. */
  fresh: boolean
  /** The other side goes on with another device than before. */
  otherFresh: boolean
  /** The device that the other side uses now. */
  other: string
}

const OVERTAKEN = 'key_round_over'
/**
 * Of one talk on one device. Each pair gives whoever sits in between one more guess at making the codes alike, unseen as long as the
 * guess is wrong; the server that is honest stops after sixty.
 */
const MOST_PAIRS = 100

export const NO_KEYS: KeyView = { state: 'unknown', round: 0, code: '', checked: false, fresh: false, otherFresh: false, other: '' }

export interface KeyHooks {
  keeper: Keeper
  talk: string
  owner: string
  /** A step for the other page; rejects where the server has refused it. */
  say: (step: Said & { round: number; device: string; client_id: string }) => Promise<unknown>
  changed: (view: KeyView) => void
}

const emptyRound = (state: Awaited<ReturnType<typeof startedRound>>): KeptRound => ({ ...state, sent: 0, skipped: [], checked: false, refused: false, passed: [] })
const startedRound = async () => newRound(await newPair())

export class Keys {
  view = NO_KEYS
  kept: KeptTalk | null = null
  private steps: Step[] = []
  /** The talk is over: what is there is for reading, and nothing new is agreed on. */
  private over = false
  private gone = false
  private takeOver = false
  private running: Promise<void> = Promise.resolve()

  constructor(private readonly hooks: KeyHooks) {}

  /** All steps of the newest round, in the place of what was known. */
  begin(steps: readonly Step[], over: boolean): void {
    this.steps = [...steps]
    this.over = over
    this.work()
  }

  hear(steps: readonly Step[]): void {
    this.steps.push(...steps)
    this.work()
  }

  end(): void {
    this.over = true
    this.work()
  }

  /** On this device, though another one was in use meanwhile. */
  continueHere(): void {
    this.takeOver = true
    this.work()
  }

  /** The codes were not alike, or somebody has changed what was said: new keys. */
  anew(): void {
    this.takeOver = true
    this.work()
  }

  async check(alike: boolean): Promise<void> {
    const { round } = this.view
    await this.update((kept) => ({ ...kept, rounds: withRound(kept, round, (state) => verdict(state, alike)) }))
    this.work()
  }

  keysOf(round: number): TalkKeys | null {
    return this.kept?.rounds[round]?.keys ?? null
  }

  /** The code of that round was another one on the other page: whatever comes under its keys may be somebody else's. */
  doubts(round: number): boolean {
    return this.kept?.rounds[round]?.refused === true
  }

  get device(): string {
    return this.kept?.device ?? ''
  }

  /** Once everything told until now is done. */
  get settled(): Promise<void> {
    return this.running
  }

  get ended(): boolean {
    return this.over
  }

  /** What was said is deleted: nothing of it stays on this device. */
  async wipe(): Promise<void> {
    this.over = true
    this.gone = true
    await this.hooks.keeper.forget(this.hooks.talk)
  }

  async update(change: (kept: KeptTalk) => KeptTalk): Promise<KeptTalk> {
    if (this.gone) return (this.kept = change(this.kept ?? this.blank())) // numbers go on here too
    this.kept = await this.hooks.keeper.update(this.hooks.talk, (kept) => change(kept ?? this.kept ?? this.blank()))
    return this.kept
  }

  private blank(): KeptTalk {
    return { talk: this.hooks.talk, owner: this.hooks.owner, device: newDevice(), rounds: {}, outgoing: [] }
  }

  private work(): void {
    this.running = this.running.then(() => this.step()).catch(() => undefined)
  }

  private async step(): Promise<void> {
    const known = await this.hooks.keeper.read(this.hooks.talk)
    this.kept = known?.owner === this.hooks.owner ? known : this.kept
    if (this.kept === null && !this.over) await this.update((kept) => (kept.owner === this.hooks.owner ? kept : this.blank()))
    const kept = this.kept
    if (kept === null || this.over) {
      this.show(this.newestKept() === undefined ? 'unknown' : 'agreed', this.newestKept() ?? 0)
      return
    }
    const newest = newestRound(this.steps)
    const steps = this.steps.filter(({ round }) => round === newest)
    const mine = helloOf(steps, true)
    const unknown = Object.keys(kept.rounds).length === 0
    const lost = mine?.device === kept.device && kept.rounds[newest] === undefined
    if (newest === 0) return this.hello(1)
    if (mine === undefined) return this.hello(newest)
    if (mine.device !== kept.device || lost || this.takeOver) {
      if (unknown || lost || this.takeOver) return this.hello(newest + 1)
      this.show('elsewhere', newest)
      return
    }
    await this.advance(newest, steps)
  }

  private async hello(round: number): Promise<void> {
    this.takeOver = false
    if (this.kept?.rounds[round] === undefined) {
      if ((this.kept?.pairs ?? 0) >= MOST_PAIRS) {
        this.show('tampered', round)
        return
      }
      const started = emptyRound(await startedRound())
      // Another tab may have been quicker: then it is that pair.
      await this.update((kept) => ({ ...kept, pairs: (kept.pairs ?? 0) + 1, rounds: { ...kept.rounds, [round]: kept.rounds[round] ?? started } }))
    }
    this.show('alone', round)
    await this.say(round, { step: 'hello', data: '' })
  }

  private async advance(round: number, steps: Step[]): Promise<void> {
    const before = this.kept?.rounds[round]
    if (before === undefined) return
    const outcome = await advance(this.hooks.talk, round, this.device, steps, before)
    if (outcome.standing !== 'tampered') {
      const { pair, side, commitment, second, keys, other, settled } = outcome.state
      await this.update((kept) => ({ ...kept, rounds: withRound(kept, round, (state) => ({ ...state, pair, side, commitment, second, keys, other, settled })) }))
    }
    this.show(outcome.standing === 'agreed' && this.doubts(round) ? 'refused' : outcome.standing, round)
    if (outcome.say !== null) await this.say(round, outcome.say)
  }

  private async say(round: number, said: Said): Promise<void> {
    const { talk } = this.hooks
    const client_id = await idFrom(`${talk} ${this.device} ${String(round)} ${said.step}`)
    // What is refused was overtaken by another step; that one comes as an entry, and is acted upon.
    void this.hooks.say({ ...said, round, device: this.device, client_id }).catch((error: unknown) => {
      if (said.step === 'hello' && error instanceof Refused && error.code === OVERTAKEN) this.running = this.running.then(() => this.overtaken(round))
    })
  }

  /** A snapshot is a few seconds old: another device was here first. This one has said nothing yet, and begins as a new one does. */
  private async overtaken(round: number): Promise<void> {
    if (this.kept?.rounds[round]?.keys !== null) return
    await this.update((kept) => ({ ...kept, rounds: Object.fromEntries(Object.entries(kept.rounds).filter(([each]) => Number(each) !== round)) }))
    const newest = newestRound(this.steps)
    if (helloOf(this.steps.filter((step) => step.round === newest), true) !== undefined) this.work()
  }

  /** The newest round that this device has keys of. */
  private newestKept(): number | undefined {
    const rounds = Object.entries(this.kept?.rounds ?? {}).filter(([, state]) => state.keys !== null)
    return rounds.length === 0 ? undefined : Math.max(...rounds.map(([round]) => Number(round)))
  }

  private show(state: KeyState, round: number): void {
    const rounds = this.kept?.rounds ?? {}
    const now = rounds[round]
    const before = Object.entries(rounds).filter(([each, { keys }]) => Number(each) < round && keys !== null)
    this.view = {
      state,
      round,
      code: now?.settled === true ? (now.keys?.code ?? '') : '',
      checked: now?.checked === true,
      fresh: round > 1 && before.length === 0,
      otherFresh: now?.settled === true && before.length > 0 && !before.some(([, { other }]) => other === now.other),
      other: now?.other ?? '',
    }
    this.hooks.changed(this.view)
  }
}

/** Who has once found the codes to differ is not talked out of it: there are new keys, or none. */
function verdict(state: KeptRound, alike: boolean): KeptRound {
  const refused = state.refused === true || !alike
  return { ...state, checked: !refused, refused }
}

export function withRound(kept: KeptTalk, round: number, change: (state: KeptRound) => KeptRound): Record<number, KeptRound> {
  const state = kept.rounds[round]
  return state === undefined ? kept.rounds : { ...kept.rounds, [round]: change(state) }
}

/** Whether the other side's device of now lacks what came to be readable in that round: it was another device then. */
export function lacks(kept: KeptTalk, round: number, other: string): boolean {
  const then = kept.rounds[round]?.other ?? ''
  return then !== '' && then !== other
}
