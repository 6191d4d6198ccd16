/**
 * Whether watching this replay counts for oneself, and the roll-calls that come while it plays: the server opens them where the picture
 * is, and says so in its answers to `watch`. An answer is sent until the server has taken or refused it.
 */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import type { OwnAttendance } from '@/api'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import { Refused, type ReplayAnswerIn, type RollCallAnswerAck, type WatchAck } from '@/protocol'
import type { RollCall } from '../../room/attendance/roll-call'
import type { Answer, Asking } from '../../room/attendance/useRollCalls'

export type ReplayCheck = ReturnType<typeof useReplayCheck>
type Prompt = NonNullable<WatchAck['prompt']>
/** ms after the end of a roll-call until the server takes no answer to it any more. */
const OVER = 3_000

/** `playable`: there is a replay on the page. */
export function useReplayCheck(broadcastId: string, playable: () => boolean) {
  const { api, clock, live, session } = useContext()
  const own = shallowRef<OwnAttendance | null>(null)
  const prompt = shallowRef<Prompt | null>(null)
  const answers = shallowRef<ReadonlyMap<string, Answer>>(new Map())
  const standing = shallowRef({ answered: 0, needed: 2 })
  const confirmed = ref(false)
  const known = computed(() => own.value !== null)
  const member = computed(() => session.member.value?.id)

  const open = computed<RollCall | null>(() => {
    const asked = prompt.value
    if (asked === null) return null
    const { answered, needed } = standing.value
    return { id: asked.id, number: answered + 1, closesAt: Date.parse(asked.closes_at), needed, drawn: own.value?.replay?.number ?? 0, open: true }
  })

  async function ask(): Promise<void> {
    if (member.value === undefined || !playable()) return
    try {
      const found = await api.ownAttendance(broadcastId)
      own.value = found
      confirmed.value = found.confirmed_at !== null
      if (found.replay === null) return
      standing.value = { answered: Math.max(found.replay.answered, standing.value.answered), needed: found.replay.needed }
      prompt.value ??= found.replay.prompt
    } catch {
      // What the line says of the rules is missing then; the roll-calls come all the same, with the next of them it is asked again.
    }
  }

  function heard(answer: WatchAck): void {
    if (answer.prompt === undefined || answer.prompt.id === prompt.value?.id) return
    prompt.value = answer.prompt
    if (own.value === null) void ask()
  }

  function put(id: string, answer: Answer): void {
    answers.value = new Map(answers.value).set(id, answer)
  }

  async function answer(call: RollCall): Promise<void> {
    if (answers.value.has(call.id) && answers.value.get(call.id)?.state !== 'refused') return
    const asked: ReplayAnswerIn = { prompt: call.id, client_id: newId() }
    put(call.id, { state: 'sending' })
    try {
      const { answered, needed } = await live.write<RollCallAnswerAck>('replay.answer', asked)
      standing.value = { answered: Math.max(answered, standing.value.answered), needed }
      confirmed.value ||= answered >= needed
      put(call.id, { state: 'taken' })
      void ask()
    } catch (reason) {
      put(call.id, { state: 'refused', reason: reason instanceof Refused ? reason.message : '没有送出去，请再按一次' })
    }
  }

  // Of one that ran out it is said that it did.
  let lapsing: ReturnType<typeof setTimeout> | undefined
  watch(prompt, (asked) => {
    clearTimeout(lapsing)
    if (asked === null) return
    lapsing = setTimeout(() => {
      if (answers.value.get(asked.id)?.state !== 'taken') void ask()
    }, Math.max(0, Date.parse(asked.closes_at) + OVER - clock.now()))
  })
  onScopeDispose(() => {
    clearTimeout(lapsing)
  })

  watch([member, playable], () => {
    own.value = null
    prompt.value = null
    answers.value = new Map()
    standing.value = { answered: 0, needed: 2 }
    confirmed.value = false
    void ask()
  }, { immediate: true })

  const asking: Asking = { open, answers, standing, confirmed, known, answer }
  return { own, asking, standing, confirmed, heard, ask }
}
