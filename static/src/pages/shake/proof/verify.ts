/**
 * Everything that can be checked of a session, from what was published alone: each commitment against what was revealed, each list
 * against its hash, each draw against the formula, one's own shakes against the lists and the receipts. Pure but for the lists, which
 * are fetched as they are needed.
 */
import { fromHex, hex, keeps, ofText, sha256 } from './bytes'
import { codeOf } from './code'
import { placesOf } from './draw'
import { holder, parsed, placeOf, type Listed } from './list'
import { isSigned, type Shaken } from './receipt'
import { replacedTooOften } from './withdrawn'

/** `open`: it cannot be told yet, for what it needs is not published. */
export type Verdict = 'held' | 'broken' | 'open'

export interface PublishedRound {
  number: number
  state: string
  nonce_commitment: string
  nonce: string | null
  size: number | null
  total_weight: number | null
  list_hash: string | null
}

export interface PublishedDraw {
  round: number
  n: number
  pseudonym: string
  result: string
  /** Whom it was offered for; null where it was not. */
  secretary?: { id: string; name: string } | null
}

export interface Published {
  id: string
  favour: number
  seed_commitment: string
  seed: string | null
  receipt_key: string
  rules?: { most_withdrawn: number }
  rounds: readonly PublishedRound[]
  draws: readonly PublishedDraw[]
}

export interface CheckedDraw extends PublishedDraw {
  verdict: Verdict
  /** Whom the formula gives; '' as long as the seed is not known. */
  expected: string
  /** From 1. */
  place: number | null
  /** In the place of an offer that its secretary took back, though no more of them may be replaced. */
  replaced: boolean
}

export interface CheckedRound {
  number: number
  nonce: Verdict
  list: Verdict
  /** What is wrong with the list, for whoever looks closer; '' for nothing. */
  fault: '' | 'hash' | 'form' | 'size' | 'weights' | 'missing'
  size: number
  draws: CheckedDraw[]
}

export interface CheckedOwn extends Shaken {
  receipt_verdict: Verdict
  listed: Verdict
  /** From 1; null where one is not on the list, or there is none yet. */
  place: number | null
  size: number
}

export interface Checked {
  verdict: Verdict
  /** Of everything that was published, for people to compare; '' as long as more is to come. */
  code: string
  seed: Verdict
  rounds: CheckedRound[]
  own: CheckedOwn[]
}

/** A round whose list is hashed; the others had nobody, or were stopped before. */
const hasList = (round: PublishedRound): round is PublishedRound & { list_hash: string } => round.list_hash !== null && (round.size ?? 0) > 0

export async function verify(proof: Published, own: readonly Shaken[], list: (round: number) => Promise<string | null>): Promise<Checked> {
  const seed: Verdict = proof.seed === null ? 'open' : said(await keeps(proof.seed, proof.seed_commitment))
  const rounds: CheckedRound[] = []
  const ownChecked: CheckedOwn[] = []
  const accepted = new Set<string>()
  for (const round of proof.rounds) {
    const text = hasList(round) ? await list(round.number) : null
    const listed = text === null ? null : parsed(text, proof.id, round.number)
    rounds.push(await roundChecked(proof, round, text, listed, accepted))
    for (const shaken of own) if (shaken.round === round.number) ownChecked.push(await ownOf(proof, round, shaken, listed))
  }
  const verdicts = [seed, said(inTurn(proof.rounds)), ...rounds.flatMap((round) => [round.nonce, round.list, ...round.draws.map((draw) => draw.verdict)]), ...ownChecked.flatMap((mine) => [mine.receipt_verdict, mine.listed])]
  // Once the seed is told nothing is left to be published: what cannot be told by then was withheld.
  const verdict = worst(verdicts)
  return { verdict: verdict === 'open' && proof.seed !== null ? 'broken' : verdict, code: await codeOf(proof), seed, rounds, own: ownChecked }
}

/** None left out, and no commitment twice: a nonce that was told before is one that the server knows while the list is still open. */
function inTurn(rounds: readonly PublishedRound[]): boolean {
  return rounds.every(({ number }, index) => number === index + 1) && new Set(rounds.map((each) => each.nonce_commitment)).size === rounds.length
}

const said = (held: boolean): Verdict => (held ? 'held' : 'broken')

function worst(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('broken')) return 'broken'
  return verdicts.includes('open') ? 'open' : 'held'
}

async function roundChecked(proof: Published, round: PublishedRound, text: string | null, listed: Listed | null, accepted: Set<string>): Promise<CheckedRound> {
  const nonce = round.nonce === null ? openUnlessOver(round) : said(await keeps(round.nonce, round.nonce_commitment))
  const fault = hasList(round) ? await listFault(proof, round, text, listed) : ''
  const list: Verdict = hasList(round) ? said(fault === '') : openUnlessOver(round)
  const draws = await drawsChecked(proof, round, listed, accepted)
  // Of a round that came to nothing, or whose nonce is not told, nobody can have been drawn.
  if (round.state !== 'revealed' || round.nonce === null) for (const draw of draws) draw.verdict = 'broken'
  return { number: round.number, nonce, list, fault, size: round.size ?? 0, draws }
}

/** What a void or an empty round never had is not missed. */
const openUnlessOver = ({ state }: PublishedRound): Verdict => (state === 'void' || state === 'empty' ? 'held' : 'open')

async function listFault(proof: Published, round: PublishedRound & { list_hash: string }, text: string | null, listed: Listed | null): Promise<CheckedRound['fault']> {
  if (text === null) return 'missing'
  if (hex(await sha256(ofText(text))) !== round.list_hash) return 'hash'
  if (listed === null) return 'form'
  if (listed.pseudonyms.length !== round.size || listed.total !== round.total_weight) return 'size'
  return listed.weights.every((weight) => weight === 1 || weight === proof.favour) ? '' : 'weights'
}

/** Somebody was asked, whatever they said; the others were passed over. */
export const ASKED: ReadonlySet<string> = new Set(['offered', 'accepted', 'declined', 'lapsed', 'withdrawn'])

async function drawsChecked(proof: Published, round: PublishedRound, listed: Listed | null, accepted: Set<string>): Promise<CheckedDraw[]> {
  const draws = proof.draws.filter((draw) => draw.round === round.number).sort((one, other) => one.n - other.n)
  const place = listed === null ? null : await placesIn(proof, round, listed)
  const talkedHere = new Set(proof.draws.filter(({ result }) => result === 'accepted').map(({ pseudonym }) => pseudonym))
  const seen = new Set<string>()
  const replacing = replacedTooOften(proof)
  const checked: CheckedDraw[] = []
  for (const [index, draw] of draws.entries()) {
    const at = place === null || listed === null ? null : holder(listed, await place(draw.n))
    const expected = at === null ? '' : (listed?.pseudonyms[at] ?? '')
    // Who has been up in this round, or had a talk in this session, is not asked again; nobody else is passed over as such.
    const again = seen.has(draw.pseudonym) || accepted.has(draw.pseudonym)
    const rightly = draw.result === 'drawn_before' ? again || talkedHere.has(draw.pseudonym) : !(again && ASKED.has(draw.result))
    const formula: Verdict = at === null ? 'open' : said(expected === draw.pseudonym)
    const replaced = replacing.has(`${draw.round}.${draw.n}`)
    checked.push({ ...draw, expected, place: at === null ? null : at + 1, replaced, verdict: rightly && !replaced && draw.n === index + 1 ? formula : 'broken' })
    seen.add(draw.pseudonym)
    if (draw.result === 'accepted') accepted.add(draw.pseudonym)
  }
  return checked
}

async function placesIn(proof: Published, round: PublishedRound, listed: Listed): Promise<((n: number) => Promise<number>) | null> {
  const [seed, nonce, hash] = [fromHex(proof.seed ?? ''), fromHex(round.nonce ?? ''), fromHex(round.list_hash ?? '')]
  if (proof.seed === null || round.nonce === null || seed === null || nonce === null || hash === null || listed.total === 0) return null
  return placesOf(seed, hash, nonce, listed.total)
}

async function ownOf(proof: Published, round: PublishedRound, shaken: Shaken, listed: Listed | null): Promise<CheckedOwn> {
  const at = listed === null ? -1 : placeOf(listed, shaken.pseudonym)
  const same = at >= 0 && listed?.nonces[at] === shaken.nonce && listed.weights[at] === shaken.weight
  const receipt = said(await isSigned(proof.id, shaken, proof.receipt_key))
  // Who has a receipt has shaken in a round that was open; it may be void since, and its list was closed all the same.
  const listedHere: Verdict = hasList(round) ? said(same) : openUnlessOver(round) === 'held' ? 'broken' : 'open'
  return { ...shaken, receipt_verdict: receipt, listed: listedHere, place: at < 0 ? null : at + 1, size: round.size ?? 0 }
}
