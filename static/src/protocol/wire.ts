/** What goes over the socket: generated from the server's models where it has them, and the little that wraps them. */
import type { components } from '@/api/schema'

type Schemas = components['schemas']
export type Entry = Schemas['EntryOut']
export type Subscribed = Schemas['SubscribeAck']
export type CommentIn = Schemas['CommentIn']
export type CommentAck = Schemas['CommentAck']

export interface Refusal {
  code: string
  message: string
}

export type Ack<Answer> = ({ ok: true } & Answer) | { ok: false; error: Refusal }

/** The part of a Socket.IO client that is needed here; `call` rejects when no acknowledgement comes in time. */
export interface Wire {
  readonly connected: boolean
  open: () => void
  close: () => void
  call: (event: string, payload: object, timeout: number) => Promise<unknown>
  on: (event: 'connect' | 'disconnect' | 'entries' | 'signals' | 'resync', hear: (payload: never) => void) => void
}

/** A refusal of the server, in its own words. */
export class Refused extends Error {
  constructor(readonly code: string, message: string) {
    super(message)
  }
}
