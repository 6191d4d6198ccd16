/**
 * A short code over everything that was published of a session. A page can check only what it is shown: a server that shows each person
 * another whole session, each right in itself, is found by people who compare. `server/shake/draw.py` and docs/protocol.md have the same.
 */
import { hex, ofText, sha256 } from './bytes'
import type { Published } from './verify'

type Word = string | number | null | undefined

/** Sixteen digits; '' before the seed is told, for until then more is to come. */
export async function codeOf(proof: Published): Promise<string> {
  if (proof.seed === null) return ''
  const rounds = [...proof.rounds].sort((one, other) => one.number - other.number)
  const draws = [...proof.draws].sort((one, other) => one.round - other.round || one.n - other.n)
  const told: Word[][] = [
    ['hongbo', 'shake', proof.id, 'code'],
    [proof.seed_commitment, proof.receipt_key, proof.favour, proof.seed],
    ...rounds.map((each) => ['round', each.number, each.nonce_commitment, each.list_hash, each.nonce]),
    ...draws.map((each) => ['draw', each.round, each.n, each.pseudonym, each.result, each.secretary?.id]),
  ]
  const text = told.map((words) => `${words.map((word) => word ?? '-').join(' ')}\n`).join('')
  return hex(await sha256(ofText(text))).slice(0, 16)
}
