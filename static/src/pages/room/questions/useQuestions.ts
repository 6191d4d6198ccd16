/** The questions of a broadcast on a page, and what can be done with them. `part` is their share of the broadcast's channel. */
import { computed, ref, shallowRef, watch } from 'vue'
import type { ChannelPart } from '@/composables/useChannel'
import { useOnline } from '@/composables/useOnline'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import type { OwnQuestions } from '@/api'
import type { QuestionIn } from '@/protocol'
import { after, ASKED, REMOVED, type Order, type Question, type QuestionState, type Reply } from './question'
import { useAsking } from './useAsking'
import { useVotes } from './useVotes'

export type Questions = ReturnType<typeof useQuestions>

/** As the server keeps it: without what stands around it, and with single spaces. */
const tidied = (text: string) => text.trim().replace(/\s+/g, ' ')

export function useQuestions(broadcastId: string, mediaTime: () => Date | null) {
  const { api, live, session } = useContext()
  const all = shallowRef<readonly Question[]>([])
  const ready = ref(false)
  const refused = ref('')
  const order = ref<Order>('votes')
  /** Of others, come since somebody last looked. */
  const unread = ref(0)
  const looking = ref(false)
  const online = useOnline()
  const own = ref<ReadonlySet<string>>(new Set())
  /** One's own that the room does not have: they wait for review, did not pass it, or were taken back by others. */
  const apart = shallowRef<OwnQuestions['asked']>([])
  const { voted, vote, shown: votes, take, forget } = useVotes((id, count) => {
    all.value = all.value.map((each) => (each.id === id ? { ...each, votes: count } : each))
  })
  const { draft, pending, ask, again, discard, seen } = useAsking(broadcastId, (id, held) => {
    own.value = new Set([...own.value, id])
    seen(ids())
    if (held) void lookAgain()
  })
  /** The entry may come before the answer does; then it stands in the list already, under an id this page does not know yet. */
  const onTheirWay = computed(() => pending.value.filter(({ question, reason }) => reason !== '' || !all.value.some((each) => isSame(each, question))))
  const isSame = ({ text, by }: Question, sent: QuestionIn) => text === tidied(sent.text) && (sent.anonymous ? by == null : by?.id === me())
  const ids = () => new Set(all.value.map(({ id }) => id))
  const me = () => session.member.value?.id
  const mine = ({ id, by }: Question): boolean => own.value.has(id) || (by !== undefined && by?.id === me())

  /** What the channel tells nobody else: one's own, anonymous ones too, one's votes, and what of it was taken back by others. */
  async function lookAgain(): Promise<void> {
    const member = me()
    if (member === undefined) return
    try {
      const answer = await api.ownQuestions(broadcastId)
      if (member !== me()) return
      own.value = new Set([...own.value, ...answer.asked.map(({ id }) => id)])
      apart.value = answer.asked.filter(({ removed, review }) => review === 'held' || review === 'rejected' || (removed !== null && removed !== 'author'))
      take(answer.voted)
    } catch {
      // Asked again with the next snapshot; until then votes look unpressed, and pressing one changes nothing.
    }
  }

  const part: ChannelPart = {
    snapshot(parts) {
      all.value = (parts['questions'] as { all: Question[] } | undefined)?.all ?? []
      ready.value = true
      refused.value = ''
      seen(ids())
      void lookAgain()
    },
    entries(entries) {
      const before = all.value
      const changed = entries.some(({ type, data }) => {
        const id = String(data['id'])
        return (type === REMOVED && own.value.has(id)) || (type === ASKED && apart.value.some((each) => each.id === id))
      })
      for (const entry of entries) all.value = after(all.value, entry)
      if (all.value === before) return
      seen(ids())
      if (!looking.value) unread.value += entries.filter(({ type, data, by }) => type === ASKED && 'text' in data && by?.id !== me() && !own.value.has(String(data['id']))).length
      if (changed) void lookAgain()
    },
    refused(reason) {
      refused.value = reason.message
    },
  }

  watch(looking, (now) => {
    if (now) unread.value = 0
  })
  watch(me, () => {
    own.value = new Set()
    apart.value = []
    forget()
    if (ready.value) void lookAgain()
  })

  // Each rejects with the reason in words; what is shown changes when everybody's does.
  const write = (event: string, payload: object) => live.write(event, { ...payload, client_id: newId() })
  return {
    part, all, ready, refused, online, order, unread, looking, draft, pending: onTheirWay, voted, apart,
    ask, again, discard, vote, votes, mine,
    waiting: computed(() => all.value.filter(({ state }) => state === 'asked').length),
    mark: ({ id }: Question, state: QuestionState) => write('question.mark', { question: id, state, media_at: mediaTime()?.toISOString() ?? null }),
    pin: ({ id }: Question, pinned: boolean) => write('question.pin', { question: id, pinned }),
    remove: ({ id }: Pick<Question, 'id'>) => write('question.remove', { question: id }),
    lookAgain,
    reply: ({ id }: Question, text: string) => write('question.reply', { question: id, text }),
    adopt: ({ id }: Question, reply: Reply | null) => write('question.adopt', { question: id, reply: reply?.id ?? null }),
    removeReply: ({ id }: Reply) => write('question.reply.remove', { reply: id }),
    askers: () => api.askers(broadcastId),
  }
}
