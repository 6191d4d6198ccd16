/** What a shake was answered with: the server's signature under it, which nobody can take back. */
import { fromHex, ofText, type Bytes } from './bytes'

export interface Shaken {
  round: number
  pseudonym: string
  nonce: string
  weight: number
  /** RFC 3339, when the server received it. */
  at: string
  /** ECDSA P-256 with SHA-256, r and s, in hex. */
  receipt: string
}

export function receiptText(shake: string, { round, pseudonym, nonce, weight, at }: Omit<Shaken, 'receipt'>): string {
  return `hongbo shake ${shake} round ${round}\n${pseudonym} ${nonce} ${weight} ${Date.parse(at)}\n`
}

/** Whether the server has signed this shake with the key it had published before the session (`key`: 65 bytes, raw, in hex). */
export async function isSigned(shake: string, shaken: Shaken, key: string): Promise<boolean> {
  const [raw, signature] = [fromHex(key), fromHex(shaken.receipt)]
  if (raw === null || signature === null) return false
  try {
    const curve = { name: 'ECDSA', namedCurve: 'P-256' }
    const imported = await crypto.subtle.importKey('raw', raw, curve, false, ['verify'])
    const text: Bytes = ofText(receiptText(shake, shaken))
    return await crypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, imported, signature, text)
  } catch {
    return false // no point on the curve: no key
  }
}
