/**
 * A draw, recomputed from what was published: the server's formula, written a second time on purpose. Draw n is HMAC-SHA256 (RFC 2104)
 * under the seed of list hash, secretary's nonce, n and attempt; the first 64 bits pick a place, and what would favour the first
 * places is thrown away for the next attempt. In 16-bit steps, for the oldest phones know no BigInt.
 */
import type { Bytes } from './bytes'

const WORD = 65_536
const HIGH = 4_294_967_296

export type Places = (n: number) => Promise<number>

/** Gives the place of draw n among `total` (below 2^37). */
export async function placesOf(seed: Bytes, listHash: Bytes, nonce: Bytes, total: number): Promise<Places> {
  const key = await crypto.subtle.importKey('raw', seed, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const said = new Uint8Array(listHash.length + nonce.length + 8)
  said.set(listHash)
  said.set(nonce, listHash.length)
  const numbers = new DataView(said.buffer, listHash.length + nonce.length)
  return async (n) => {
    numbers.setUint32(0, n)
    for (let attempt = 0; ; attempt += 1) {
      numbers.setUint32(4, attempt)
      const view = new DataView(await crypto.subtle.sign('HMAC', key, said.slice()))
      const value: Value = [view.getUint32(0), view.getUint32(4)]
      if (isFair(value, total)) return remainder(value, total)
    }
  }
}

/** 64 bits, the high half first. */
export type Value = readonly [number, number]

export function remainder([high, low]: Value, by: number): number {
  let rest = 0
  for (const word of [Math.floor(high / WORD), high % WORD, Math.floor(low / WORD), low % WORD]) rest = (rest * WORD + word) % by
  return rest
}

/** Below the greatest multiple of `total` that 64 bits can hold. */
export function isFair([high, low]: Value, total: number): boolean {
  const beyond = (remainder([HIGH - 1, HIGH - 1], total) + 1) % total // 2^64 modulo total
  if (HIGH - 1 - high >= 64) return true // at least 2^38 from the end: more than any remainder
  return (HIGH - 1 - high) * HIGH + (HIGH - low) > beyond
}
