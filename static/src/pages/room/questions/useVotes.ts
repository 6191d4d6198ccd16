/**
 * One's votes: shown at once, sent one after the other for each question, taken back on the screen where the server refuses. While a
 * vote is on its way the number shown is one's own reckoning; the answer brings the server's, which later totals include.
 */
import { ref, type Ref } from 'vue'
import { showToast } from 'vant'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import { Refused, type QuestionVoteAck, type QuestionVoteIn } from '@/protocol'
import type { Question } from './question'

interface Voting {
  /** What was pressed last, and what the server has. */
  wanted: boolean
  stands: boolean
  shown: number
}

/** `counted`: the server has said how many there are. */
export function useVotes(counted: (id: string, votes: number) => void) {
  const { live } = useContext()
  const voted: Ref<ReadonlySet<string>> = ref(new Set())
  const flying = ref(new Map<string, Voting>())

  function set(id: string, up: boolean): void {
    const next = new Set(voted.value)
    if (up) next.add(id)
    else next.delete(id)
    voted.value = next
  }

  function vote({ id, votes }: Question): void {
    const up = !voted.value.has(id)
    const known = flying.value.get(id)
    set(id, up)
    flying.value.set(id, { wanted: up, stands: known?.stands ?? !up, shown: (known?.shown ?? votes) + (up ? 1 : -1) })
    if (known === undefined) void deliver(id)
  }

  async function deliver(id: string): Promise<void> {
    for (let voting = flying.value.get(id); voting !== undefined; voting = flying.value.get(id)) {
      const { wanted } = voting
      try {
        const asked: QuestionVoteIn & { client_id: string } = { question: id, up: wanted, client_id: newId() }
        const { votes } = await live.write<QuestionVoteAck>('question.vote', asked)
        const now = flying.value.get(id)
        if (now === undefined) return
        if (now.wanted !== wanted) {
          now.stands = wanted // changed one's mind meanwhile
          continue
        }
        flying.value.delete(id)
        counted(id, votes)
      } catch (reason) {
        set(id, flying.value.get(id)?.stands ?? !wanted)
        flying.value.delete(id)
        if (!(reason instanceof Refused && reason.code === 'dropped')) showToast(reason instanceof Error ? reason.message : '没有成功，请再试一次')
      }
      return
    }
  }

  /** What the server says one has voted for; what is on its way is newer. */
  function take(ids: readonly string[]): void {
    const next = new Set(ids)
    for (const [id, { wanted }] of flying.value) {
      if (wanted) next.add(id)
      else next.delete(id)
    }
    voted.value = next
  }

  function forget(): void {
    flying.value.clear()
    voted.value = new Set()
  }

  const shown = (question: Question): number => flying.value.get(question.id)?.shown ?? question.votes
  return { voted, vote, shown, take, forget }
}
