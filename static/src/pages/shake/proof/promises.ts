/** Whether the server still says what this phone itself has seen it promise. Pure. */
import type { Kept } from '../kept'
import type { Published } from './verify'

/** `none`: this phone has seen nothing of it beforehand. `what`: the promise that was changed. */
export type Promises = { state: 'none' } | { state: 'held'; nonces: number } | { state: 'broken'; what: 'seed' | 'key' | 'nonce' | 'list' | 'receipt'; round: number }

export function promisesOf(kept: Kept | null, proof: Published): Promises {
  if (kept === null) return { state: 'none' }
  if (kept.seedCommitment !== proof.seed_commitment) return { state: 'broken', what: 'seed', round: 0 }
  if (kept.receiptKey !== proof.receipt_key) return { state: 'broken', what: 'key', round: 0 }
  for (const [number, commitment] of Object.entries(kept.nonces)) {
    const round = proof.rounds.find((each) => each.number === Number(number))
    if (round?.nonce_commitment !== commitment) return { state: 'broken', what: 'nonce', round: Number(number) }
  }
  for (const [number, hash] of Object.entries(kept.lists)) {
    const round = proof.rounds.find((each) => each.number === Number(number))
    if (round?.list_hash !== hash) return { state: 'broken', what: 'list', round: Number(number) }
  }
  const lost = kept.receipts.find((receipt) => proof.rounds.every((round) => round.number !== receipt.round))
  if (lost !== undefined) return { state: 'broken', what: 'receipt', round: lost.round }
  return { state: 'held', nonces: Object.keys(kept.nonces).length }
}
