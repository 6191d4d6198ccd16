/** What goes over the socket, generated from the server's models, and the little that wraps it. */
import type { components } from '@/api/schema'

type Schemas = components['schemas']
export type Entry = Schemas['EntryOut']
export type Batch = Schemas['EntriesOut']
export type Signals = Schemas['SignalsOut']
export type Resync = Schemas['ResyncOut']
export type Subscribe = Schemas['SubscribeIn']
export type Subscribed = Schemas['SubscribeAck']
export type Unsubscribe = Schemas['UnsubscribeIn']
export type CommentIn = Schemas['CommentIn']
export type CommentAck = Schemas['CommentAck']
export type CommentRemoveIn = Schemas['CommentRemoveIn']
export type CommentReportIn = Schemas['CommentReportIn']
export type QuestionIn = Schemas['QuestionIn']
export type QuestionAck = Schemas['QuestionAck']
export type QuestionVoteIn = Schemas['QuestionVoteIn']
export type QuestionVoteAck = Schemas['QuestionVoteAck']
export type QuestionMarkIn = Schemas['QuestionMarkIn']
export type QuestionPinIn = Schemas['QuestionPinIn']
export type QuestionReplyIn = Schemas['QuestionReplyIn']
export type QuestionAdoptIn = Schemas['QuestionAdoptIn']
export type QuestionRemoveIn = Schemas['QuestionRemoveIn']
export type QuestionReplyRemoveIn = Schemas['QuestionReplyRemoveIn']
/** Either a draft, or all that a poll has. */
export type PollOpenIn = Partial<Schemas['PollOpenIn']> & { client_id: string }
export type PollOpenAck = Schemas['PollOpenAck']
export type PollVoteIn = Schemas['PollVoteIn']
export type PollVoteAck = Schemas['PollVoteAck']
export type PollCloseIn = Schemas['PollCloseIn']
export type PollCloseAck = Schemas['PollCloseAck']
export type PollRemoveIn = Schemas['PollRemoveIn']
export type RollCallOpenIn = Schemas['RollCallOpenIn']
export type RollCallOpenAck = Schemas['RollCallOpenAck']
export type RollCallCloseIn = Schemas['RollCallCloseIn']
export type RollCallAnswerIn = Schemas['RollCallAnswerIn']
export type RollCallAnswerAck = Schemas['RollCallAnswerAck']
export type ReplayAnswerIn = Schemas['ReplayAnswerIn']
export type WatchIn = Schemas['WatchIn']
export type WatchAck = Schemas['WatchAck']
export type ReactIn = Schemas['ReactIn']
export type ShakeSocketIn = Schemas['ShakeSocketIn']
export type ShakeAck = Schemas['ShakeAck']
export type OfferAnswerIn = Schemas['OfferAnswerIn']
export type OfferAnswerAck = Schemas['OfferAnswerAck']
export type NoticeIn = Schemas['NoticeIn']
export type NoticeUnpinIn = Schemas['NoticeUnpinIn']
export type NoticeAck = Schemas['NoticeAck']
export type MessageIn = Schemas['MessageIn']
export type MessageAck = Schemas['MessageAck']
export type MessageRecallIn = Schemas['MessageRecallIn']
export type MessageReadIn = Schemas['MessageReadIn']
export type TalkKeyIn = Schemas['TalkKeyIn']
export type TypingIn = Schemas['TypingIn']

export type Ack<Answer> = ({ ok: true } & Answer) | Schemas['RefusedAck']

/** What is heard unasked: the connection's coming and going, and what the server tells. */
export interface Heard {
  connect: undefined
  disconnect: unknown
  entries: Batch
  signals: Signals
  resync: Resync
}

/** The part of a Socket.IO client that is needed here; `call` rejects when no acknowledgement comes in time. */
export interface Wire {
  readonly connected: boolean
  open: () => void
  close: () => void
  call: (event: string, payload: object, timeout: number) => Promise<unknown>
  on: <Event extends keyof Heard>(event: Event, hear: (payload: Heard[Event]) => void) => void
}

/** A refusal of the server, in its own words. `retryAfter`: seconds, where waiting helps. */
export class Refused extends Error {
  constructor(readonly code: string, message: string, readonly retryAfter: number | null = null) {
    super(message)
  }
}
