/**
 * What stands inside a sealed message. The server cannot look at it, so the page does: what the other page has sealed is read as
 * strictly as a stranger's, cleaned of what turns or hides words, and cut where it is too long. Pure.
 */
import { fromBase64, fromUtf8, toBase64, utf8, type Bytes } from './bytes'

export type MessageKind = 'text' | 'picture' | 'voice' | 'call' | 'system' | 'history'

export interface TextContent {
  t: 'text'
  text: string
}

/** A thing that lies apart under a key of its own. */
interface FileContent {
  blob: string
  key: Bytes
}

export interface PictureContent extends FileContent {
  t: 'picture'
  width: number
  height: number
}

export interface VoiceContent extends FileContent {
  t: 'voice'
  type: 'audio/mp4' | 'audio/wav'
  ms: number
  wave: Bytes
}

/** What can stand in the list. */
export type Spoken = TextContent | PictureContent | VoiceContent | CallEnd

export type CallStep = 'ring' | 'accept' | 'decline' | 'cancel' | 'busy' | 'offer' | 'answer' | 'candidates' | 'restart' | 'camera' | 'hangup'

export interface CallSignal {
  t: 'call'
  step: CallStep
  call: string
  video: boolean
  /** A description of the session, perhaps in several pieces. */
  text: string
  part: number
  of: number
}

/** How a call went, for the list; `ms` of talking, 0 where it was not taken. */
export interface CallEnd {
  t: 'call-end'
  call: string
  video: boolean
  how: 'over' | 'declined' | 'cancelled' | 'busy' | 'lost'
  ms: number
}

/** How many earlier messages a page could pass on. */
export interface HoldsContent {
  t: 'holds'
  count: number
}

/** Numbers of a round that stand for nothing: the server has refused what was sent under them. They are given to nothing else. */
export interface SkippedContent {
  t: 'skipped'
  round: number
  numbers: number[]
}

/** An earlier message, for the other side's new device. */
export interface HistoryContent {
  t: 'history'
  /** The id of the message it stands for. */
  of: string
  /** It was said by whoever passes it on. */
  mine: boolean
  what: Spoken
}

export type Content = Spoken | CallSignal | HoldsContent | SkippedContent | HistoryContent

export const MOST_TEXT = 2_000
/** Bytes of one sealed message before it is written as text. */
export const MOST_CONTENT = 11_000
/** Numbers in one word about those that stand for nothing. */
export const MOST_SKIPPED = 200
const MOST_NUMBER = 1e6
const MOST_PIECE = 9_000
const MOST_PARTS = 8
const ID = /^[A-Za-z0-9_-]{1,64}$/
const STEPS: readonly string[] = ['ring', 'accept', 'decline', 'cancel', 'busy', 'offer', 'answer', 'candidates', 'restart', 'camera', 'hangup']
const HOWS: readonly string[] = ['over', 'declined', 'cancelled', 'busy', 'lost']

/* eslint-disable no-control-regex -- exactly these are what is taken out */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u180e\u200b\u202a-\u202e\u2060\u2066-\u2069\ufeff\ud800-\udfff]/gu
/* eslint-enable no-control-regex */

/** As the server keeps what others write: composed, without what is invisible or turns words around; here lines may break. */
export function cleaned(text: string): string {
  return text
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .normalize('NFC')
    .replace(HIDDEN, '')
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

export const sizeOf = (text: string): number => Array.from(text).length

export function written(content: Content): Bytes {
  return utf8(JSON.stringify(content, (_name, value: unknown) => (value instanceof Uint8Array ? toBase64(value) : value)))
}

/** Undefined for what is nothing that this page knows. */
export function readContent(bytes: Bytes): Content | undefined {
  try {
    return contentOf(JSON.parse(fromUtf8(bytes)))
  } catch {
    return undefined
  }
}

type Fields = Readonly<Record<string, unknown>>

function contentOf(value: unknown): Content | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const fields = value as Fields
  if (fields['t'] === 'history') return historyOf(fields)
  if (fields['t'] === 'holds') return { t: 'holds', count: whole(fields, 'count', 0, 1e6) }
  if (fields['t'] === 'skipped') return { t: 'skipped', round: whole(fields, 'round', 1, MOST_NUMBER), numbers: wholes(fields, 'numbers', 1, MOST_NUMBER, MOST_SKIPPED) }
  if (fields['t'] === 'call') return signalOf(fields)
  return spokenOf(fields)
}

function spokenOf(fields: Fields): Spoken | undefined {
  if (fields['t'] === 'text') {
    const text = Array.from(cleaned(string(fields, 'text'))).slice(0, MOST_TEXT).join('')
    return text === '' ? undefined : { t: 'text', text }
  }
  if (fields['t'] === 'picture') return { t: 'picture', ...fileOf(fields), width: whole(fields, 'width', 1, 20_000), height: whole(fields, 'height', 1, 20_000) }
  if (fields['t'] === 'voice') {
    const type = string(fields, 'type')
    if (type !== 'audio/mp4' && type !== 'audio/wav') return undefined
    return { t: 'voice', ...fileOf(fields), type, ms: whole(fields, 'ms', 1, 600_000), wave: binary(fields, 'wave', 0, 200) }
  }
  if (fields['t'] === 'call-end') {
    return { t: 'call-end', call: id(fields, 'call'), video: fields['video'] === true, how: one(fields, 'how', HOWS) as CallEnd['how'], ms: whole(fields, 'ms', 0, 86_400_000) }
  }
  return undefined
}

function fileOf(fields: Fields): FileContent {
  return { blob: id(fields, 'blob'), key: binary(fields, 'key', 32, 32) }
}

function signalOf(fields: Fields): CallSignal {
  return {
    t: 'call',
    step: one(fields, 'step', STEPS) as CallStep,
    call: id(fields, 'call'),
    video: fields['video'] === true,
    text: string(fields, 'text').slice(0, MOST_CONTENT),
    part: whole(fields, 'part', 0, MOST_PARTS - 1),
    of: whole(fields, 'of', 1, MOST_PARTS),
  }
}

function historyOf(fields: Fields): HistoryContent | undefined {
  const inner = fields['what']
  const what = typeof inner === 'object' && inner !== null ? spokenOf(inner as Fields) : undefined
  return what === undefined ? undefined : { t: 'history', of: id(fields, 'of'), mine: fields['mine'] === true, what }
}

class Wrong extends Error {}

function string(fields: Fields, name: string): string {
  const value = fields[name]
  if (typeof value !== 'string') throw new Wrong(name)
  return value
}

function id(fields: Fields, name: string): string {
  const value = string(fields, name)
  if (!ID.test(value)) throw new Wrong(name)
  return value
}

function one(fields: Fields, name: string, allowed: readonly string[]): string {
  const value = string(fields, name)
  if (!allowed.includes(value)) throw new Wrong(name)
  return value
}

function whole(fields: Fields, name: string, least: number, most: number): number {
  const value = fields[name]
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) throw new Wrong(name)
  return value
}

function wholes(fields: Fields, name: string, least: number, most: number, atMost: number): number[] {
  const value = fields[name]
  if (!Array.isArray(value) || value.length > atMost) throw new Wrong(name)
  return value.map((each: unknown) => whole({ [name]: each }, name, least, most))
}

function binary(fields: Fields, name: string, least: number, most: number): Bytes {
  const bytes = fromBase64(string(fields, name))
  if (bytes === undefined || bytes.length < least || bytes.length > most) throw new Wrong(name)
  return bytes
}

/** A long text in as many signals as it needs. */
export function pieces(signal: Omit<CallSignal, 't' | 'text' | 'part' | 'of'>, text: string): CallSignal[] {
  const of = Math.max(1, Math.ceil(text.length / MOST_PIECE))
  return Array.from({ length: of }, (_, part) => ({ t: 'call', ...signal, text: text.slice(part * MOST_PIECE, (part + 1) * MOST_PIECE), part, of }))
}
