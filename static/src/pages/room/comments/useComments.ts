/** The comments of a broadcast on a page, and one's own writing. `part` is its share of the broadcast's channel. */
import { ref, shallowRef } from 'vue'
import type { ChannelPart } from '@/composables/useChannel'
import { useOnline } from '@/composables/useOnline'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import type { CommentRemoveIn, Entry } from '@/protocol'
import { POSTED, REMOVED, shownAs, type Comment, type Removal } from './comment'
import { Own } from './own'
import { Passage } from './passage'
import { useHistory } from './useHistory'
import { useReview } from './useReview'
import { useSpoken } from './useSpoken'
import { useWriting } from './useWriting'

export type { Comment } from './comment'
export type Comments = ReturnType<typeof useComments>

export function useComments(broadcastId: string, mediaTime: () => Date | null) {
  const { live, session } = useContext()
  const me = () => session.speaker.value?.id ?? null
  const passage = new Passage()
  const own = new Own()
  const comments = shallowRef<readonly Comment[]>([])
  const state = shallowRef({ unread: 0, back: false, detached: false, atStart: false })
  const ready = ref(false)
  const refused = ref('')
  /** The comment that what is written answers. */
  const answered = shallowRef<Comment | null>(null)
  const online = useOnline()
  const { review, turnedDown, waits, dismiss } = useReview(broadcastId, show)
  const { draft, notBefore, send: deliver, again, discard: giveUp } = useWriting(broadcastId, own, () => passage.head, show, mediaTime, waits)
  const { earlier, later, lookAgain } = useHistory(broadcastId, passage, me, show)
  const { spoken, tell, unsay } = useSpoken()

  function show(): void {
    const { unread, back, detached, atStart } = passage
    const among = review.among(passage.shown, own.comments, passage, session.speaker.value?.name ?? '')
    comments.value = detached ? among : [...among, ...own.comments]
    state.value = { unread, back, detached, atStart }
  }

  function posted(entries: readonly Entry[]): Comment[] {
    return entries.filter(({ type }) => type === POSTED).map((entry) => shownAs(entry, me()))
  }

  const part: ChannelPart = {
    snapshot(parts, at) {
      const latest = posted((parts['comments'] as { latest: Entry[] } | undefined)?.latest ?? [])
      passage.begin(latest, at)
      own.told(latest, passage.head)
      review.told(latest)
      lookAgain()
      ready.value = true
      refused.value = ''
      show()
    },
    entries(entries) {
      const fresh = posted(entries)
      passage.add(fresh, entries[entries.length - 1]?.offset ?? passage.head)
      const removals = entries.filter(({ type }) => type === REMOVED).map(({ data }) => data as unknown as Removal)
      removals.forEach(redact)
      own.told(fresh, passage.head)
      review.told(fresh)
      show()
      tell(fresh.filter(({ offset }) => !removals.some(({ redacts }) => redacts === offset)))
    },
    refused(reason) {
      refused.value = reason.message
    },
  }

  /** Whether its reader has scrolled back from the newest. */
  function turn(back: boolean): void {
    if (passage.back === back) return
    passage.turn(back)
    show()
  }

  function redact({ id, redacts, left }: Removal): void {
    passage.redact(redacts, left.removed)
    unsay(redacts)
    if (answered.value?.id === id) answered.value = null
  }

  function send(text: string): void {
    turn(false)
    deliver(text, answered.value)
    answered.value = null
  }

  /** One's own that was not sent, or was turned down. */
  function discard(key: string): void {
    const comment = comments.value.find((each) => each.key === key)
    if (comment?.state === 'rejected') dismiss(comment.id)
    else giveUp(key)
  }

  /** Rejects with the reason in words; the list changes when everybody's does. */
  async function remove(comment: Pick<Comment, 'id'>, reason = ''): Promise<void> {
    const asked: CommentRemoveIn = { comment: comment.id, client_id: newId(), reason }
    await live.write('comment.remove', asked)
  }

  return { part, comments, state, ready, refused, online, earlier, later, spoken, draft, notBefore, turn, answered, send, remove, again, discard, turnedDown }
}
