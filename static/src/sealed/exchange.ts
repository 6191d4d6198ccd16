/**
 * One agreement of two pages, step by step, as the journal of the talk tells it. Whoever said hello first in a round is the first page.
 *
 * The server passes on what the pages say and keeps it; it may also change it. So nothing that this page has said itself is read
 * back from there, and what it has once answered to (its side, the commitment, the second key) is kept and not looked up again. A page
 * that could be made the first after it had shown its key as the second would be answered with a key that was looked for by trying.
 */
import { alike, fromBase64, toBase64, type Bytes } from './bytes'
import { agree, checkRevealed, commitmentTo, Tampered, type Pair, type Side, type TalkKeys } from './handshake'

export type StepName = 'hello' | 'commit' | 'reveal_second' | 'reveal_first' | 'confirmed'

/** As it stands in the journal; `mine`: said by one's own side, on whichever device. */
export interface Step {
  mine: boolean
  device: string
  round: number
  step: StepName
  data: string
}

/** What this page has of one round. */
export interface RoundState {
  /** Thrown away once both have the keys. */
  pair: Pair | null
  /** Settled once the two have said hello. */
  side: Side | null
  commitment: Bytes | null
  second: Bytes | null
  keys: TalkKeys | null
  /** The other side's device that these keys are shared with. */
  other: string
  /** Both have shown that they have the same keys. */
  settled: boolean
}

export type Standing =
  /** The other page has not come. */
  | 'alone'
  | 'exchanging'
  | 'agreed'
  /** One's own side goes on with another device. */
  | 'elsewhere'
  /** Somebody has changed what was said. */
  | 'tampered'

export interface Said {
  step: StepName
  data: string
}

export interface Outcome {
  standing: Standing
  state: RoundState
  /** What this page has to say next. */
  say: Said | null
}

export const newRound = (pair: Pair): RoundState => ({ pair, side: null, commitment: null, second: null, keys: null, other: '', settled: false })

/** The number of the newest round; 0: nobody has said hello. */
export const newestRound = (steps: readonly Step[]): number => steps.reduce((newest, { round }) => Math.max(newest, round), 0)

export const helloOf = (steps: readonly Step[], mine: boolean): Step | undefined => steps.find((each) => each.step === 'hello' && each.mine === mine)

/** `steps`: those of the round, in the order of the journal, one's own hello among them. Said twice, the first one counts. */
export async function advance(talk: string, round: number, device: string, steps: readonly Step[], state: RoundState): Promise<Outcome> {
  const mine = helloOf(steps, true)
  const theirs = helloOf(steps, false)
  if (mine !== undefined && mine.device !== device) return { standing: 'elsewhere', state, say: null }
  if (mine === undefined || theirs === undefined) return { standing: 'alone', state, say: null }
  const told: Side = steps.indexOf(mine) < steps.indexOf(theirs) ? 'first' : 'second'
  try {
    const side = state.side ?? told // not there in what was kept by an earlier version
    if (side !== told) throw new Tampered('the hellos came in another order before')
    return await stepped({ talk, round, side, said: reader(steps, device, theirs.device) }, { ...state, side, other: theirs.device })
  } catch (error) {
    if (error instanceof Tampered) return { standing: 'tampered', state, say: null }
    throw error
  }
}

interface Turn {
  talk: string
  round: number
  side: Side
  said: (mine: boolean, step: StepName) => Step | undefined
}

function reader(steps: readonly Step[], own: string, other: string): Turn['said'] {
  return (mine, step) => steps.find((each) => each.mine === mine && each.step === step && each.device === (mine ? own : other))
}

async function stepped(turn: Turn, before: RoundState): Promise<Outcome> {
  const { said } = turn
  const more = (state: RoundState, step: StepName, data: Uint8Array): Outcome => ({
    standing: 'exchanging',
    state,
    say: said(true, step) === undefined ? { step, data: toBase64(data) } : null,
  })
  let state = before
  if (state.keys === null) {
    const pair = state.pair
    if (pair === null) throw new Tampered('no pair')
    if (turn.side === 'first') {
      const revealed = said(false, 'reveal_second')
      if (revealed === undefined) return more(state, 'commit', await commitmentTo(pair.publicKey))
      state = { ...state, second: state.second ?? read(revealed) }
      if (said(true, 'reveal_first') === undefined) return more(state, 'reveal_first', pair.publicKey)
    } else {
      const committed = said(false, 'commit')
      if (committed === undefined) return { standing: 'exchanging', state, say: null }
      state = { ...state, commitment: state.commitment ?? read(committed) }
      const revealed = said(false, 'reveal_first')
      if (revealed === undefined) return more(state, 'reveal_second', pair.publicKey)
    }
    state = { ...state, keys: await agreed(turn, state, pair) }
  }
  return confirmed(turn, state, more)
}

async function agreed(turn: Turn, state: RoundState, pair: Pair): Promise<TalkKeys> {
  const common = { talk: turn.talk, round: turn.round }
  if (turn.side === 'first') {
    return agree(pair, 'first', { ...common, commitment: await commitmentTo(pair.publicKey), first: pair.publicKey, second: state.second ?? missing() })
  }
  const [commitment, first] = [state.commitment ?? missing(), read(turn.said(false, 'reveal_first'))]
  await checkRevealed(first, commitment)
  return agree(pair, 'second', { ...common, commitment, first, second: pair.publicKey })
}

function confirmed(turn: Turn, state: RoundState, more: (state: RoundState, step: StepName, data: Uint8Array) => Outcome): Outcome {
  const keys = state.keys
  if (keys === null) throw new Tampered('no keys')
  const [own, other] = turn.side === 'first' ? (['first', 'second'] as const) : (['second', 'first'] as const)
  const shown = turn.said(false, 'confirmed')
  if (shown !== undefined && !alike(read(shown), keys.proof[other])) throw new Tampered('the other page has other keys')
  const next = more(state, 'confirmed', keys.proof[own])
  if (shown === undefined || next.say !== null) return next
  return { standing: 'agreed', state: { ...state, pair: null, settled: true }, say: null }
}

function read(step: Step | undefined): Bytes {
  const bytes = step === undefined ? undefined : fromBase64(step.data)
  return bytes ?? missing()
}

function missing(): never {
  throw new Tampered('nothing that could be read')
}
