/** How a session stands, as its channel tells: what was announced, its rounds, and who came up in them, by pseudonym. Pure. */
import type { Entry } from '@/protocol'

export interface Who {
  id: string
  name: string
}

export type ShakeState = 'announced' | 'open' | 'closed' | 'cancelled'
export type RoundState = 'prepared' | 'open' | 'closed' | 'revealed' | 'void' | 'empty'
export type DrawState = 'offered' | 'accepted' | 'declined' | 'lapsed' | 'withdrawn' | 'drawn_before' | 'recently_talked' | 'busy' | 'gone'

export interface Drawn {
  n: number
  pseudonym: string
  /** Offered, accepted, or why the next one came up. */
  state: DrawState
  secretary: Who | null
  answer_by: string | null
}

export interface Round {
  number: number
  state: RoundState
  by: Who
  nonce_commitment: string
  nonce: string | null
  opened_at: string | null
  closes_at: string | null
  size: number | null
  total_weight: number | null
  list_hash: string | null
  draws: readonly Drawn[]
}

/** What was announced. */
export interface Announced {
  id: string
  title: string
  state: ShakeState
  opens_at: string
  closes_at: string
  secretaries: readonly Who[]
  /** Null: everybody. */
  branches: readonly Who[] | null
  most_rounds: number
  round_seconds: number
  talk_minutes: number
  exclusion_days: number
  favour: number
  seed_commitment: string
  receipt_key: string
}

export interface Standing extends Announced {
  seed: string | null
  rounds: readonly Round[]
}

/** As the HTTP API has it, where `rounds` says how many there may be. */
export const announced = (shake: Omit<Announced, 'most_rounds'> & { rounds: number }): Announced => ({ ...shake, most_rounds: shake.rounds })

/** What a snapshot of the channel says; null where it says nothing. */
export function begun(part: unknown): Standing | null {
  const told = part as Partial<Standing> | undefined
  return told?.id === undefined ? null : (told as Standing)
}

/** The standing after an entry; the same where it is none of the session's. */
export function after(standing: Standing, { type, data, at }: Entry): Standing {
  switch (type) {
    case 'shake.announced':
      return { ...(data as unknown as Announced), seed: null, rounds: [] }
    case 'shake.changed':
    case 'shake.cancelled':
      return { ...standing, ...data }
    case 'shake.closed':
      return { ...standing, state: 'closed', seed: String(data['seed']) }
    case 'shake.round_prepared':
      return { ...standing, rounds: [...standing.rounds, prepared(data)] }
  }
  const changed = standing.rounds.map((round) => (round.number === data['round'] ? inRound(round, type, data, at) : round))
  return { ...standing, rounds: changed, state: type === 'shake.opened' ? 'open' : standing.state }
}

function prepared(data: Entry['data']): Round {
  return {
    number: Number(data['round']), state: 'prepared', by: data['by_secretary'] as Who, nonce_commitment: String(data['nonce_commitment']),
    nonce: null, opened_at: null, closes_at: null, size: null, total_weight: null, list_hash: null, draws: [],
  }
}

function inRound(round: Round, type: string, data: Entry['data'], at: string): Round {
  switch (type) {
    case 'shake.opened':
      return { ...round, state: 'open', opened_at: at, ...(data as { closes_at: string }) }
    case 'shake.round_closed':
      return { ...round, ...(data as Pick<Round, 'state' | 'size' | 'total_weight' | 'list_hash'>) }
    case 'shake.revealed':
      return { ...round, state: 'revealed', nonce: String(data['nonce']) }
    case 'shake.round_void':
      return { ...round, state: 'void' }
    case 'shake.drawn':
      return { ...round, draws: put(round.draws, { ...(data as unknown as Drawn), state: 'offered' }) }
    case 'shake.accepted':
      return { ...round, draws: put(round.draws, ended(data, 'accepted')) }
    case 'shake.passed':
      return { ...round, draws: put(round.draws, ended(data, data['reason'] as DrawState)) }
    default:
      return round
  }
}

const ended = (data: Entry['data'], state: DrawState): Drawn => ({ n: Number(data['n']), pseudonym: String(data['pseudonym']), state, secretary: null, answer_by: null })

/** One that is known gets its new state, and keeps what only its first entry told. */
function put(draws: readonly Drawn[], drawn: Drawn): readonly Drawn[] {
  if (draws.every(({ n }) => n !== drawn.n)) return [...draws, drawn]
  return draws.map((each) => (each.n === drawn.n ? { ...each, state: drawn.state } : each))
}

/** The round that one may shake in, or that is about to begin or just over: the newest that is not given up. */
export function current({ rounds }: Pick<Standing, 'rounds'>): Round | null {
  const standing = rounds.filter(({ state }) => state !== 'void' && state !== 'empty')
  return standing[standing.length - 1] ?? null
}

/** ms after an end in which the server still takes what it receives. */
export const GRACE = 2_000

export type Moment = 'none' | 'soon' | 'now' | 'late' | 'drawing' | 'drawn'

/** What a round means to who looks at it now. `late`: its seconds are over, and what is on its way may just arrive. */
export function momentOf(round: Round | null, now: number): Moment {
  if (round === null) return 'none'
  if (round.state === 'prepared') return 'soon'
  if (round.state === 'open') return now < Date.parse(round.closes_at ?? '') ? 'now' : 'late'
  return round.state === 'revealed' ? 'drawn' : 'drawing'
}

/** How often a round was really opened. */
export const used = ({ rounds }: Pick<Standing, 'rounds'>): number => rounds.filter(({ opened_at }) => opened_at !== null).length

/** The draw that waits for an answer, of those of one secretary or of all. */
export function waiting({ rounds }: Pick<Standing, 'rounds'>, secretary?: string): (Drawn & { round: number }) | null {
  for (const round of rounds) {
    const found = round.draws.find(({ state, secretary: by }) => state === 'offered' && (secretary === undefined || by?.id === secretary))
    if (found !== undefined) return { ...found, round: round.number }
  }
  return null
}
