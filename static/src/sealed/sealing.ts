/**
 * What goes from one page of a talk to the other: sealed with AES-GCM under the sender's key of this talk (NIST SP 800-38D).
 *
 * The server sees who, when, which kind and how long. What it could do with a sealed thing (give it to another talk, as another kind,
 * or in the place of another one) is bound into it, so that opening fails; `number` counts what a side has sent in a round, so that
 * what is missing shows, and what comes twice. Pictures and voice lie apart, each under a key of its own that stands in the sealed
 * message: whoever is handed the message can open them, on a new device too.
 */
import { utf8, type Bytes } from './bytes'
import type { TalkKeys } from './handshake'

export interface Label {
  talk: string
  /** Of the agreement the key comes from. */
  round: number
  kind: string
  number: number
}

const IV_BYTES = 12
/** What sealing adds: the random beginning, and the tag at the end. */
export const SEAL_BYTES = IV_BYTES + 16

const bound = (label: Label) => utf8(JSON.stringify([label.talk, label.round, label.kind, label.number]))

export async function seal(keys: Pick<TalkKeys, 'out'>, label: Label, content: Bytes): Promise<Bytes> {
  return encrypted(keys.out, bound(label), content)
}

/** Undefined for what was not sealed by the other page under this label. */
export function unseal(keys: Pick<TalkKeys, 'in'>, label: Label, sealed: Bytes): Promise<Bytes | undefined> {
  return decrypted(keys.in, bound(label), sealed)
}

/** What this page has sealed itself, before a reload. */
export function unsealOwn(keys: Pick<TalkKeys, 'out'>, label: Label, sealed: Bytes): Promise<Bytes | undefined> {
  return decrypted(keys.out, bound(label), sealed)
}

export interface SealedFile {
  sealed: Bytes
  /** 32 bytes, for the message alone. */
  key: Bytes
}

export async function sealFile(talk: string, content: Bytes): Promise<SealedFile> {
  const key = crypto.getRandomValues(new Uint8Array(32))
  return { sealed: await encrypted(await fileKey(key, 'encrypt'), utf8(talk), content), key }
}

export async function unsealFile(talk: string, key: Bytes, sealed: Bytes): Promise<Bytes | undefined> {
  if (key.length !== 32) return undefined
  return decrypted(await fileKey(key, 'decrypt'), utf8(talk), sealed)
}

const fileKey = (key: Bytes, use: KeyUsage) => crypto.subtle.importKey('raw', key, 'AES-GCM', false, [use])

/** 12 random bytes, then the ciphertext with its tag of 16. */
async function encrypted(key: CryptoKey, additionalData: Bytes, content: Bytes): Promise<Bytes> {
  const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES))
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, key, content))
  const whole = new Uint8Array(IV_BYTES + sealed.length)
  whole.set(iv)
  whole.set(sealed, IV_BYTES)
  return whole
}

async function decrypted(key: CryptoKey, additionalData: Bytes, sealed: Bytes): Promise<Bytes | undefined> {
  try {
    const iv = sealed.subarray(0, IV_BYTES)
    return new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, key, sealed.subarray(IV_BYTES)))
  } catch {
    return undefined
  }
}
