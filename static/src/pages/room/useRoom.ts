/** All that a page knows of one broadcast's room through its channel; made once by the page, handed down to whoever shows a part of it. */
import { useChannel, type ChannelPart } from '@/composables/useChannel'
import { useComments } from './comments/useComments'
import { usePolls } from './polls/usePolls'

export type Room = ReturnType<typeof useRoom>

/** `changed`: the broadcast itself has changed; `mediaTime`: the moment of the frame on screen; `more`: who else listens. */
export function useRoom(broadcastId: string, changed: () => void, mediaTime: () => Date | null, more: readonly ChannelPart[] = []) {
  const comments = useComments(broadcastId, mediaTime)
  const polls = usePolls(broadcastId)
  useChannel(`broadcast:${broadcastId}`, [comments.part, polls.part, word(changed), ...more])
  return { comments, polls }
}

function word(changed: () => void): ChannelPart {
  return {
    snapshot: changed,
    entries(entries) {
      if (entries.some(({ type }) => type.startsWith('broadcast.'))) changed()
    },
  }
}
