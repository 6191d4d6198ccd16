/**
 * How the two pages of a talk agree on keys that live for this talk alone, and on a code to compare aloud.
 *
 * Each makes an ephemeral P-256 pair. The first page commits to the SHA-256 of its public key before the second shows hers, so
 * whoever sits between them has one guess at the code, not as many as a computer can try. Keys and code come from HKDF over the
 * shared secret, salted with everything that was said. ECDH, HKDF and AES-GCM are the browser's (W3C Web Cryptography).
 */
import { alike, joined, sha256, utf8, type Bytes } from './bytes'

export interface Pair {
  /** Never leaves the browser: it cannot be exported, and is kept as it is in IndexedDB. */
  privateKey: CryptoKey
  /** 65 bytes, uncompressed (SEC 1, section 2.3.3). */
  publicKey: Bytes
}

export type Side = 'first' | 'second'

export interface TalkKeys {
  /** For what this page says; it opens that again after a reload. */
  out: CryptoKey
  /** For what the other page says. */
  in: CryptoKey
  /** Eight digits; the same on both pages unless somebody sits between them. */
  code: string
  /** What each side shows the other to say that it has the same keys. */
  proof: Record<Side, Bytes>
}

/** The public keys as this page saw them, its own among them. `round`: how often the two have agreed anew. */
export interface Seen {
  talk: string
  round: number
  commitment: Bytes
  first: Bytes
  second: Bytes
}

const PUBLIC_KEY_BYTES = 65
const CODES = 100_000_000
const PROOF_BITS = 128

export async function newPair(): Promise<Pair> {
  const made = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits'])
  return { privateKey: made.privateKey, publicKey: new Uint8Array(await crypto.subtle.exportKey('raw', made.publicKey)) }
}

/** What the first page sends before it has seen the second's key. */
export const commitmentTo = (publicKey: Bytes): Promise<Bytes> => sha256(publicKey)

/** The other page did not keep to the exchange: a server or somebody on the way has changed what it sent. */
export class Tampered extends Error {}

/** The second page looks whether what the first reveals is what it committed to. Throws Tampered. */
export async function checkRevealed(publicKey: Bytes, commitment: Bytes): Promise<void> {
  if (!alike(await commitmentTo(publicKey), commitment)) throw new Tampered('the key is not the one that was committed to')
}

/**
 * Keys and code of a finished exchange. Talk and round keep one exchange from being played again in another. Throws Tampered for
 * what is no point on the curve.
 */
export async function agree(own: Pair, side: Side, seen: Seen): Promise<TalkKeys> {
  const secret = await shared(own, side === 'first' ? seen.second : seen.first)
  const salt = await sha256(joined([utf8(`hongbo talk ${seen.talk} ${String(seen.round)}`), seen.commitment, seen.first, seen.second]))
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey', 'deriveBits'])
  const part = (info: string) => ({ name: 'HKDF', hash: 'SHA-256', salt, info: utf8(info) })
  const key = (info: string, uses: KeyUsage[]) => crypto.subtle.deriveKey(part(info), base, { name: 'AES-GCM', length: 256 }, false, uses)
  const bits = async (info: string, length: number) => new Uint8Array(await crypto.subtle.deriveBits(part(info), base, length))
  const [fromFirst, fromSecond] = ['first to second', 'second to first'] as const
  const [outward, inward] = side === 'first' ? [fromFirst, fromSecond] : [fromSecond, fromFirst]
  return {
    out: await key(outward, ['encrypt', 'decrypt']),
    in: await key(inward, ['decrypt']),
    code: digits(await bits('code', 64)),
    proof: { first: await bits('proof of first', PROOF_BITS), second: await bits('proof of second', PROOF_BITS) },
  }
}

async function shared(own: Pair, other: Bytes): Promise<ArrayBuffer> {
  if (other.length !== PUBLIC_KEY_BYTES) throw new Tampered('no public key')
  try {
    const key = await crypto.subtle.importKey('raw', other, { name: 'ECDH', namedCurve: 'P-256' }, false, [])
    return await crypto.subtle.deriveBits({ name: 'ECDH', public: key }, own.privateKey, 256)
  } catch {
    throw new Tampered('no public key')
  }
}

// 48 bits are a whole number on every phone; what they favour of 10⁸ codes is less than one in a million.
function digits(bytes: Bytes): string {
  const view = new DataView(bytes.buffer)
  return String((view.getUint16(0) * 2 ** 32 + view.getUint32(2)) % CODES).padStart(8, '0')
}
