/** A broadcast's channel on a page: its comments, one's own writing, and word of every change of its state. */
import { onScopeDispose, ref, shallowRef } from 'vue'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import { Refused, type CommentAck, type CommentIn, type Entry } from '@/protocol'
import { Thread, type Comment } from './thread'

export type { Comment } from './thread'

export function useComments(broadcastId: string, changed: () => void, mediaTime: () => Date | null) {
  const { live, session } = useContext()
  const thread = new Thread(session.member.value?.id ?? null)
  const comments = shallowRef<Comment[]>([])
  const ready = ref(false)
  const online = ref(live.online)
  const show = () => {
    comments.value = thread.comments
  }

  const stop = live.follow(`broadcast:${broadcastId}`, {
    snapshot(state) {
      thread.begin((state['comments'] as { latest: Entry[] } | undefined)?.latest ?? [])
      ready.value = true
      show()
      changed()
    },
    entries(entries) {
      thread.take(entries)
      show()
      if (entries.some((entry) => entry.type.startsWith('broadcast.'))) changed()
    },
  })
  const unlisten = live.onStatus((now) => {
    online.value = now
  })
  onScopeDispose(() => {
    stop()
    unlisten()
  })

  async function send(text: string): Promise<void> {
    const key = newId()
    thread.sending(key, text, session.member.value?.name ?? '')
    show()
    const comment: CommentIn = { broadcast: broadcastId, text, client_id: key, media_at: mediaTime()?.toISOString() ?? null, reply_to: null }
    try {
      await live.write<CommentAck>('comment', comment)
      thread.acknowledged(key)
    } catch (reason) {
      thread.failed(key, reason instanceof Refused ? reason.message : '没有发出去')
    }
    show()
  }

  function discard(key: string): void {
    live.drop(key)
    thread.discard(key)
    show()
  }

  function again(comment: Comment): void {
    discard(comment.key)
    void send(comment.text)
  }

  return { comments, ready, online, send, again, discard }
}
