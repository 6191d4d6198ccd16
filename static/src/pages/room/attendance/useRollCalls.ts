/**
 * The roll-calls of a broadcast on a page: what the channel tells of them, and one's own answers. An answer is sent until the server
 * has taken or refused it, also over a time without a network; the server judges by the moment it receives it.
 */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { ChannelPart } from '@/composables/useChannel'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import { Refused, type RollCallAnswerAck, type RollCallAnswerIn, type RollCallCloseIn, type RollCallOpenAck, type RollCallOpenIn } from '@/protocol'
import { after, begun, type RollCall } from './roll-call'

export type RollCalls = ReturnType<typeof useRollCalls>

/** What the sheet asks with, of a room's roll-calls or of those of one's own replay. */
export type Asking = Pick<RollCalls, 'open' | 'answers' | 'standing' | 'confirmed' | 'known' | 'answer'>

/** How one's answer stands: on its way, taken, or refused for a reason in words. */
export type Answer = { state: 'sending' | 'taken' } | { state: 'refused'; reason: string }

/** ms within which a page that has come late asks how one stands; spread, since many ask. */
const SPREAD = 3_000

export function useRollCalls(broadcastId: string) {
  const { api, live, session } = useContext()
  const calls = shallowRef<readonly RollCall[]>([])
  const answers = shallowRef<ReadonlyMap<string, Answer>>(new Map())
  const standing = shallowRef({ answered: 0, needed: 2 })
  const confirmed = ref(false)
  /** One's answers so far are known: before that, nobody is asked for one that they have given. */
  const known = ref(false)
  /** People who have answered the open one. */
  const count = shallowRef<{ id: string; answered: number } | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined

  const open = computed(() => calls.value.find((call) => call.open) ?? null)
  const member = computed(() => session.member.value?.id)

  function put(id: string, answer: Answer): void {
    answers.value = new Map(answers.value).set(id, answer)
  }

  async function ask(): Promise<void> {
    if (member.value === undefined) return
    try {
      const own = await api.ownAttendance(broadcastId)
      for (const { id, answered } of own.roll_calls) if (answered) put(id, { state: 'taken' })
      standing.value = { answered: Math.max(own.answered, standing.value.answered), needed: own.needed }
      confirmed.value ||= own.confirmed_at !== null
    } catch {
      // The next snapshot asks again; answering twice does no harm.
    }
    known.value = true
  }

  async function answer(call: RollCall): Promise<void> {
    if (answers.value.has(call.id) && answers.value.get(call.id)?.state !== 'refused') return
    const asked: RollCallAnswerIn = { roll_call: call.id, client_id: newId() }
    put(call.id, { state: 'sending' })
    try {
      const { answered, needed } = await live.write<RollCallAnswerAck>('roll_call.answer', asked)
      put(call.id, { state: 'taken' })
      standing.value = { answered: Math.max(answered, standing.value.answered), needed }
      confirmed.value ||= answered >= needed
    } catch (reason) {
      put(call.id, { state: 'refused', reason: reason instanceof Refused ? reason.message : '没有送出去，请再按一次' })
    }
  }

  const part: ChannelPart = {
    snapshot(parts) {
      calls.value = begun(parts['roll_calls'])
      clearTimeout(timer)
      if (calls.value.length === 0) known.value = true
      else if (open.value !== null) void ask()
      else timer = setTimeout(() => void ask(), SPREAD * Math.random())
    },
    entries(entries) {
      for (const entry of entries) calls.value = after(calls.value, entry)
    },
    signals(values) {
      const news = values['roll_call'] as { id: string; answered: number } | undefined
      if (news !== undefined) count.value = news
    },
  }
  watch(member, () => {
    answers.value = new Map()
    standing.value = { answered: 0, needed: standing.value.needed }
    confirmed.value = false
    if (calls.value.length > 0) void ask()
  })
  onScopeDispose(() => {
    clearTimeout(timer)
  })

  // For those who keep the room. Each rejects with the reason in words.
  function call(): Promise<RollCallOpenAck> {
    const asked: RollCallOpenIn = { broadcast: broadcastId, client_id: newId() }
    return live.write<RollCallOpenAck>('roll_call.open', asked)
  }

  function end(rollCall: string): Promise<unknown> {
    const asked: RollCallCloseIn = { roll_call: rollCall, client_id: newId() }
    return live.write('roll_call.close', asked)
  }

  return { broadcastId, part, calls, open, answers, standing, confirmed, known, count, answer, call, end }
}
