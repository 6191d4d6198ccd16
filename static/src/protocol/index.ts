export { Connection, type Follower } from './connection'
export type { Reached } from './position'
export { openSocket } from './socket'
export {
  Refused,
  type CommentAck,
  type CommentIn,
  type CommentRemoveIn,
  type Entry,
  type PollCloseIn,
  type PollOpenAck,
  type PollOpenIn,
  type PollRemoveIn,
  type PollVoteAck,
  type PollVoteIn,
  type QuestionAck,
  type QuestionAdoptIn,
  type QuestionIn,
  type QuestionMarkIn,
  type QuestionPinIn,
  type QuestionRemoveIn,
  type QuestionReplyIn,
  type QuestionReplyRemoveIn,
  type QuestionVoteAck,
  type QuestionVoteIn,
} from './wire'
