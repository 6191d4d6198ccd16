/**
 * One's own comments on their way: shown at once, sent until the server has answered, kept over a reload of the page and then sent
 * on under the same client id, so that each counts once.
 */
import { ref, watch } from 'vue'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import { UnsentStore } from '@/core/unsent'
import { Refused, type CommentAck, type CommentIn } from '@/protocol'
import type { Comment } from './comment'
import type { Own } from './own'

/** `head`: how far the journal has told; `changed`: something has to be shown anew. */
export function useWriting(broadcastId: string, own: Own, head: () => number, changed: () => void, mediaTime: () => Date | null) {
  const { live, session } = useContext()
  const draft = ref('')
  let store: UnsentStore | null = null
  const written = new Map<string, CommentIn>() // where nothing can be stored, a second attempt must still say the same

  /** `answers`: whom, by name. */
  async function deliver(comment: CommentIn, answers = ''): Promise<void> {
    const key = comment.client_id
    const mine = store // whoever signs in meanwhile has another one
    own.sending(key, comment.text, session.member.value?.name ?? '', head(), answers)
    mine?.keep(comment)
    written.set(key, comment)
    changed()
    try {
      const { id, offset } = await live.write<CommentAck>('comment', comment)
      mine?.drop(key)
      written.delete(key)
      if (offset === undefined) own.held(key, id)
      else own.acknowledged(key, offset, head())
    } catch (reason) {
      if (reason instanceof Refused && reason.code === 'dropped') return
      const words = reason instanceof Refused ? reason.message : '没有发出去'
      mine?.keep(comment, words)
      own.failed(key, words)
    }
    changed()
  }

  function send(text: string, answered: Comment | null): void {
    draft.value = ''
    const comment = { broadcast: broadcastId, text, client_id: newId(), media_at: mediaTime()?.toISOString() ?? null, reply_to: answered?.id ?? null }
    void deliver(comment, answered?.name)
  }

  /** Under the same client id: whether the server has it already may be unknown. */
  function again({ key, text, answers }: Comment): void {
    const kept = written.get(key) ?? store?.unsent.find(({ comment }) => comment.client_id === key)?.comment
    void deliver(kept ?? { broadcast: broadcastId, text, client_id: key, media_at: null, reply_to: null }, answers)
  }

  function discard(key: string): void {
    store?.drop(key)
    written.delete(key)
    live.drop(key)
    own.discard(key)
    changed()
  }

  /** What this member left here, before a reload or before the session ended. */
  function restore(member: string | undefined): void {
    own.clear()
    written.clear()
    store = member === undefined ? null : new UnsentStore(member, broadcastId)
    draft.value = store?.draft ?? ''
    for (const { comment, reason } of store?.unsent ?? []) {
      if (reason === '') {
        void deliver(comment)
      } else {
        own.sending(comment.client_id, comment.text, session.member.value?.name ?? '', head())
        own.failed(comment.client_id, reason)
      }
    }
    changed()
  }

  watch(() => session.member.value?.id, restore, { immediate: true })
  watch(draft, (text) => {
    if (store !== null) store.draft = text
  })
  return { draft, send, again, discard }
}
