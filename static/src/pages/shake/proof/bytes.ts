/** Bytes and their hexadecimal text, and the one hash that everything rests on. WebCrypto alone: it is there wherever motion is (a secure page). */

const encoder = new TextEncoder()

export type Bytes = Uint8Array<ArrayBuffer>

export const hex = (bytes: ArrayBuffer | Uint8Array): string => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')

export const ofText = (text: string): Bytes => encoder.encode(text)

/** Null for what is no hexadecimal text. */
export function fromHex(digits: string): Bytes | null {
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/.test(digits)) return null
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) => Number.parseInt(digits.slice(2 * at, 2 * at + 2), 16))
}

export async function sha256(content: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', content))
}

/** Whether `secret` (in hex) is what was committed to with `commitment`. */
export async function keeps(secret: string, commitment: string): Promise<boolean> {
  const bytes = fromHex(secret)
  return bytes !== null && bytes.length > 0 && hex(await sha256(bytes)) === commitment
}
