/** All that a page knows of one broadcast's room through its channel; made once by the page, handed down to whoever shows a part of it. */
import { onScopeDispose } from 'vue'
import { useChannel, type ChannelPart } from '@/composables/useChannel'
import type { BroadcastHandle } from '@/composables/useBroadcast'
import type { WatchAck } from '@/protocol'
import { useRollCalls } from './attendance/useRollCalls'
import { useWatchTime } from './attendance/useWatchTime'
import { useComments } from './comments/useComments'
import { useNotices } from './notices/useNotices'
import { usePolls } from './polls/usePolls'
import { useQuestions } from './questions/useQuestions'
import { useReactions } from './reactions/useReactions'
import { newsOf } from './news'

export type Room = ReturnType<typeof useRoom>

/**
 * `handle`: the broadcast as the page shows it; `mediaTime`: the moment of the frame on screen; `more`: who else listens;
 * `heard`: told what the server answers to each report of the picture.
 */
export function useRoom(broadcastId: string, handle: BroadcastHandle, mediaTime: () => Date | null, more: readonly ChannelPart[] = [], heard?: (answer: WatchAck) => void) {
  const comments = useComments(broadcastId, mediaTime)
  const polls = usePolls(broadcastId)
  const questions = useQuestions(broadcastId, mediaTime)
  const notices = useNotices(broadcastId)
  const reactions = useReactions(broadcastId)
  const rollCalls = useRollCalls(broadcastId)
  const watchTime = useWatchTime(broadcastId, mediaTime, heard)
  const news = newsOf(handle)
  onScopeDispose(news.stop)
  useChannel(`broadcast:${broadcastId}`, [comments.part, polls.part, questions.part, notices.part, reactions.part, rollCalls.part, news.part, ...more])
  return { comments, polls, questions, notices, reactions, rollCalls, watchTime }
}
