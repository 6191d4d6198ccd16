/**
 * One's own comments on their way: shown at once, sent until the server has answered, kept over a reload of the page and then sent
 * on under the same client id, so that each counts once.
 */
import { ref, watch } from 'vue'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import { UnsentStore } from '@/core/unsent'
import type { OwnHeld } from '@/api'
import { Refused, type CommentAck, type CommentIn } from '@/protocol'
import type { Comment } from './comment'
import type { Own } from './own'

/** The server's word on what it has once held: told where one's held comments are shown. */
const REVIEWED: ReadonlySet<string> = new Set(['comment_rejected', 'comment_withdrawn'])

/** `head`: how far the journal has told; `changed`: something has to be shown anew; `waits`: it is held for review. */
export function useWriting(broadcastId: string, own: Own, head: () => number, changed: () => void, mediaTime: () => Date | null, waits: (held: OwnHeld) => void) {
  const { live, session, clock } = useContext()
  const draft = ref('')
  /** ms on the server's clock, where it has refused a comment as too soon: from then on one may write. */
  const notBefore = ref(0)
  let store: UnsentStore | null = null
  const written = new Map<string, CommentIn>() // where nothing can be stored, a second attempt must still say the same

  /** `answers`: whom, by name. */
  async function deliver(comment: CommentIn, answers = ''): Promise<void> {
    const key = comment.client_id
    const mine = store // whoever signs in meanwhile has another one
    own.sending(key, comment.text, session.speaker.value?.name ?? '', head(), answers)
    mine?.keep(comment)
    written.set(key, comment)
    changed()
    try {
      const { id, offset } = await live.write<CommentAck>('comment', comment)
      mine?.drop(key)
      written.delete(key)
      if (offset === undefined) {
        own.discard(key)
        waits(asHeld(id, comment, answers, new Date(clock.now()).toISOString()))
      } else {
        own.acknowledged(key, offset, head())
      }
    } catch (reason) {
      if (reason instanceof Refused && reason.code === 'dropped') return
      if (reason instanceof Refused && REVIEWED.has(reason.code)) {
        discard(key)
        return
      }
      if (reason instanceof Refused && reason.code === 'slow_mode' && reason.retryAfter !== null) notBefore.value = clock.now() + reason.retryAfter * 1000
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
        own.sending(comment.client_id, comment.text, session.speaker.value?.name ?? '', head())
        own.failed(comment.client_id, reason)
      }
    }
    changed()
  }

  watch(() => session.speaker.value?.id, restore, { immediate: true })
  watch(draft, (text) => {
    if (store !== null) store.draft = text
  })
  return { draft, notBefore, send, again, discard }
}

function asHeld(id: string, { broadcast, text, reply_to }: CommentIn, answers: string, at: string): OwnHeld {
  return { id, scope: broadcast, kind: 'comment', text, at, reply_to: reply_to ?? null, reply_name: answers || null, state: 'held', reason: '' }
}
