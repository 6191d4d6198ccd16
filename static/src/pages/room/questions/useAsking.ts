/**
 * One's own questions on their way: shown at once, sent until the server has answered, kept over a reload of the page and then sent on
 * under the same client id, so that each counts once.
 */
import { ref, shallowRef, watch } from 'vue'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import { UnsentStore } from '@/core/unsent'
import { Refused, type QuestionAck, type QuestionIn } from '@/protocol'

export interface Asked {
  question: QuestionIn
  /** Why it was refused, in words; '' while it is on its way. */
  reason: string
  /** Its id once the server has it. */
  id: string
}

/** `told`: the server has taken one with this id; `held`: it waits for review. */
export function useAsking(broadcastId: string, told: (id: string, held: boolean) => void) {
  const { live, session } = useContext()
  const draft = ref('')
  const pending = shallowRef<readonly Asked[]>([])
  let store: UnsentStore<QuestionIn> | null = null

  function put(question: QuestionIn, more: Partial<Asked> = {}): void {
    const asked = { question, reason: '', id: '', ...more }
    const known = pending.value.some((each) => each.question.client_id === question.client_id)
    pending.value = known ? pending.value.map((each) => (each.question.client_id === question.client_id ? asked : each)) : [...pending.value, asked]
  }

  function without(clientId: string): void {
    pending.value = pending.value.filter(({ question }) => question.client_id !== clientId)
  }

  async function deliver(question: QuestionIn): Promise<void> {
    const mine = store // whoever signs in meanwhile has another one
    mine?.keep(question)
    put(question)
    try {
      const { id, held } = await live.write<QuestionAck>('question', question)
      mine?.drop(question.client_id)
      if (mine === store) {
        if (held) without(question.client_id)
        else put(question, { id })
        told(id, held)
      }
    } catch (reason) {
      if (reason instanceof Refused && reason.code === 'dropped') return
      const words = reason instanceof Refused ? reason.message : '没有发出去'
      mine?.keep(question, words)
      if (mine === store) put(question, { reason: words })
    }
  }

  function ask(text: string, anonymous: boolean): void {
    draft.value = ''
    void deliver({ broadcast: broadcastId, text, anonymous, client_id: newId() })
  }

  function discard(clientId: string): void {
    store?.drop(clientId)
    live.drop(clientId)
    without(clientId)
  }

  /** Everybody is told of these: they need not be shown a second time. */
  function seen(ids: ReadonlySet<string>): void {
    if (pending.value.some(({ id }) => ids.has(id))) pending.value = pending.value.filter(({ id }) => !ids.has(id))
  }

  function restore(member: string | undefined): void {
    pending.value = []
    store = member === undefined ? null : new UnsentStore(member, `${broadcastId}.questions`)
    draft.value = store?.draft ?? ''
    for (const { comment: question, reason } of store?.unsent ?? []) {
      if (reason === '') void deliver(question)
      else put(question, { reason })
    }
  }

  watch(() => session.member.value?.id, restore, { immediate: true })
  watch(draft, (text) => {
    if (store !== null) store.draft = text
  })
  return { draft, pending, ask, again: deliver, discard, seen }
}
