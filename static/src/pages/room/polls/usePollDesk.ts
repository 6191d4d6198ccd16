/** Asking the room: drafts, opening, closing and taking back. */
import { computed, ref } from 'vue'
import { inWords, type PollInput, type PollRow } from '@/api'
import { useResource } from '@/composables/useResource'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import { Refused } from '@/protocol'
import { ask } from '@/ui/ask'
import type { Poll } from './poll'
import type { Polls } from './usePolls'

export function usePollDesk(polls: Polls) {
  const { api } = useContext()
  const id = polls.broadcastId
  const { data, loading, message: loadMessage, reload } = useResource(() => api.polls(id))
  /** Another device may have opened one meanwhile. */
  const drafts = computed(() => (data.value?.items ?? []).filter(({ id: draft, state }) => state === 'draft' && !polls.polls.value.some((poll) => poll.id === draft)))
  const busy = ref('')
  const message = ref('')

  async function act(name: string, work: () => Promise<unknown>): Promise<boolean> {
    if (busy.value !== '') return false
    busy.value = name
    message.value = ''
    try {
      await work()
      return true
    } catch (error) {
      message.value = error instanceof Refused ? error.message : inWords(error)
      return false
    } finally {
      busy.value = ''
      void reload()
    }
  }

  const start = (draft: PollRow) => act(draft.id, () => polls.opened({ poll: draft.id, client_id: newId() }))
  const startNew = (input: PollInput) => act('new', () => polls.opened({ broadcast: id, ...input, client_id: newId() }))
  const save = (input: PollInput, draft: PollRow | null) =>
    act('save', () => (draft === null ? api.preparePoll(id, input) : api.rewritePoll(id, draft.id, input)))
  const discard = (draft: PollRow) => act(draft.id, () => api.discardPoll(id, draft.id))

  async function close(poll: Poll): Promise<void> {
    const voters = poll.tally?.voters ?? 0
    const yes = await ask({ title: '结束这个投票？', message: `已有 ${voters} 人投票。结束后马上公布结果，不能再投。`, yes: '结束投票', no: '再等等' })
    if (yes) await act(poll.id, () => polls.close(poll.id))
  }

  async function remove(poll: Poll): Promise<void> {
    const yes = await ask({ title: '撤下这个投票？', message: '题目和结果会从所有人的屏幕和回看里消失，不能恢复。数据报告里仍有记录。', yes: '撤下', no: '不撤' })
    if (yes) await act(poll.id, () => polls.remove(poll.id))
  }

  return { drafts, loading, loadMessage, reload, busy, message, start, startNew, save, discard, close, remove }
}
