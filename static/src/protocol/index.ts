export { Connection, type Follower } from './connection'
export type { Reached } from './position'
export { openSocket } from './socket'
export { Refused, type CommentAck, type CommentIn, type CommentRemoveIn, type Entry } from './wire'
