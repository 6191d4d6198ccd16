/**
 * What this phone itself has seen of a session: the promises that were published before it, and the receipts of one's own shakes. The
 * proof page holds the server to them, and not to what the server says afterwards.
 */
import type { Shaken } from './proof/receipt'
import type { Standing } from './standing'

export interface Kept {
  /** ms since the epoch, when it was written last. */
  at: number
  seedCommitment: string
  receiptKey: string
  /** The commitments of the secretaries' pages, by round, as they were before the lists were closed. */
  nonces: Record<string, string>
  /** The hashes of the lists, by round: a secretary's nonce was told for this one, and for no other. */
  lists: Record<string, string>
  receipts: Shaken[]
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

const PREFIX = 'hongbo.shake.'
const MOST = 20 // sessions; the oldest go

export function createKept(member: string, storage: Store | null = browserStore()) {
  const mine = `${PREFIX}${member}.`

  function read(shake: string): Kept | null {
    try {
      return parsed(storage?.getItem(mine + shake) ?? null)
    } catch {
      return null
    }
  }

  function write(shake: string, kept: Kept): void {
    try {
      storage?.setItem(mine + shake, JSON.stringify(kept))
      for (const key of tooOld(storage, mine)) storage?.removeItem(key)
    } catch {
      // Refused by the browser: then the server's own record is all there is, and the page says so.
    }
  }

  /** What was seen first stays: a server that says something else later is found out. */
  function promise(shake: string, seedCommitment: string, receiptKey: string, now: number): void {
    if (read(shake) === null) write(shake, { at: now, seedCommitment, receiptKey, nonces: {}, lists: {}, receipts: [] })
  }

  function nonce(shake: string, round: number, commitment: string): void {
    const kept = read(shake)
    if (kept === null || kept.nonces[String(round)] !== undefined) return
    write(shake, { ...kept, nonces: { ...kept.nonces, [String(round)]: commitment } })
  }

  function list(shake: string, round: number, hash: string): void {
    const kept = read(shake)
    if (kept === null || kept.lists[String(round)] !== undefined) return
    write(shake, { ...kept, lists: { ...kept.lists, [String(round)]: hash } })
  }

  /** As a session stands: the seed's promise is noted before it is told, each nonce's while its list is open, and each list as it was first seen. */
  function seen(shake: string, standing: Standing, now: number): void {
    if (standing.state === 'announced' || standing.state === 'open') promise(shake, standing.seed_commitment, standing.receipt_key, now)
    for (const { number, nonce_commitment, list_hash } of standing.rounds) {
      if (list_hash === null) nonce(shake, number, nonce_commitment)
      else list(shake, number, list_hash)
    }
  }

  function receipt(shake: string, shaken: Shaken, now: number): void {
    const kept = read(shake)
    if (kept === null || kept.receipts.some(({ round }) => round === shaken.round)) return
    write(shake, { ...kept, at: now, receipts: [...kept.receipts, shaken] })
  }

  return { read, promise, nonce, list, seen, receipt }
}

function parsed(text: string | null): Kept | null {
  const kept: unknown = text === null ? null : JSON.parse(text)
  if (typeof kept !== 'object' || kept === null) return null
  const { seedCommitment, receiptKey, nonces, lists = {}, receipts } = kept as Partial<Kept>
  if (typeof seedCommitment !== 'string' || typeof receiptKey !== 'string' || typeof nonces !== 'object' || !Array.isArray(receipts)) return null
  return { ...(kept as Kept), lists }
}

function tooOld(storage: Store | null, prefix: string): string[] {
  const keys = Array.from({ length: storage?.length ?? 0 }, (_, index) => storage?.key(index) ?? '').filter((key) => key.startsWith(prefix))
  const at = (key: string): number => parsed(storage?.getItem(key) ?? null)?.at ?? 0
  return keys.length <= MOST ? [] : keys.sort((one, other) => at(other) - at(one)).slice(MOST)
}

function browserStore(): Store | null {
  try {
    return localStorage
  } catch {
    return null
  }
}

/** One's own shakes from the phone and from the server, each round once; the phone's own word counts. */
export function joined(phone: readonly Shaken[], server: readonly Shaken[]): Shaken[] {
  const rest = server.filter(({ round }) => phone.every((each) => each.round !== round))
  return [...phone, ...rest].sort((one, other) => one.round - other.round)
}
