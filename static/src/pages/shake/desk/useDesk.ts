/**
 * A secretary's desk: what the channel tells of the session, what the server says of the secretary's own draws and talks, and what the
 * page does by itself. It commits to a nonce when a round is begun, and reveals it as soon as the round's list is closed, also after a
 * reload: a round whose nonce is not told in time is void. Before that it notes which list it is: a server that had the nonce before the list
 * is fixed could look for one that it likes, and the proof page on this device then finds another list than was noted.
 */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { ApiError } from '@/api'
import { useChannel, type ChannelPart } from '@/composables/useChannel'
import { useResource } from '@/composables/useResource'
import { useSubmit } from '@/composables/useSubmit'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import { useOwnChannel } from '@/core/own-channel'
import { createKept } from '../kept'
import { after, begun, current, type Round, type Standing } from '../standing'
import { createNonces, type Nonces } from './nonces'

/** How the reveal of a closed round stands. `elsewhere`: the nonce lies in another browser. */
export type Revealing = 'idle' | 'revealing' | 'elsewhere' | 'refused'

const AGAIN = 2_000 // ms until the next try to reveal

export function useDesk(id: string, nonces: Nonces = createNonces()) {
  const { api, session, clock } = useContext()
  const standing = shallowRef<Standing | null>(null)
  const count = shallowRef<{ round: number; count: number } | null>(null)
  const desk = useResource(() => api.shakeDesk(id))
  const submit = useSubmit()
  const doing = ref('')
  const revealing = ref<Revealing>('idle')
  const fault = ref('')
  /** The browser keeps nonces over a reload; null before one was made. */
  const lasting = ref<boolean | null>(null)
  let timer: ReturnType<typeof setTimeout> | undefined
  let stopped = false

  const self = computed(() => session.member.value?.id ?? '')
  const round = computed(() => (standing.value === null ? null : current(standing.value)))
  const isSecretary = computed(() => standing.value?.secretaries.some((each) => each.id === self.value) === true)
  /** The round whose list is closed and whose nonce is this secretary's to tell. */
  const due = computed<Round | null>(() => (round.value?.state === 'closed' && round.value.list_hash !== null && round.value.by.id === self.value ? round.value : null))

  watch(standing, (now) => {
    if (now !== null) createKept(self.value).seen(id, now, clock.now())
  }, { flush: 'sync' })

  async function run(name: string, work: () => Promise<unknown>): Promise<boolean> {
    doing.value = name
    const done = await submit.run(work)
    await desk.reload()
    doing.value = ''
    return done
  }

  /** Commit, and open: at the secretary's shake or tap. One that was prepared in this browser already is opened. */
  async function begin(): Promise<void> {
    const prepared = round.value
    await run('begin', async () => {
      if (prepared?.state === 'prepared' && prepared.by.id === self.value && (await nonces.find(prepared.nonce_commitment)) !== null) {
        await api.openRound(id, prepared.number)
        return
      }
      const made = await nonces.make(id)
      lasting.value = made.lasting
      const { number } = await api.prepareRound(id, made.commitment)
      await api.openRound(id, number)
    })
  }

  async function reveal(closed: Round): Promise<void> {
    clearTimeout(timer)
    const nonce = await nonces.find(closed.nonce_commitment)
    if (nonce === null) {
      revealing.value = 'elsewhere'
      return
    }
    revealing.value = 'revealing'
    try {
      await api.revealRound(id, closed.number, nonce)
      revealing.value = 'idle'
      await nonces.drop(closed.nonce_commitment)
      await desk.reload()
    } catch (error) {
      if (error instanceof ApiError && [400, 403, 404, 409, 422].includes(error.status) && error.code !== 'round_not_closed') {
        revealing.value = 'refused'
        fault.value = error.detail
      } else if (!stopped) timer = setTimeout(again, AGAIN)
    }
  }

  function again(): void {
    if (due.value !== null) void reveal(due.value)
  }

  watch(
    () => due.value?.nonce_commitment,
    () => {
      revealing.value = 'idle'
      again()
    },
  )

  const part: ChannelPart = {
    snapshot(state) {
      standing.value = begun(state['shake'])
      void desk.reload()
    },
    entries(entries) {
      const before = standing.value
      standing.value = before === null ? null : entries.reduce(after, before)
      void desk.reload()
    },
    signals(values) {
      const told = values['shaking'] as { round: number; count: number } | undefined
      if (told !== undefined) count.value = told
    },
  }
  useChannel(`shake:${id}`, [part])
  // A talk that is over sets the secretary free.
  useOwnChannel({
    snapshot: () => undefined,
    entries: (entries) => {
      if (entries.some(({ type }) => type === 'shake.desk' || type.startsWith('talk.'))) void desk.reload()
    },
  })
  onScopeDispose(() => {
    stopped = true
    clearTimeout(timer)
  })

  return {
    standing, count, round, desk, doing, revealing, fault, lasting, isSecretary, refusal: submit.message, begin, run,
    drawNext: (number: number) => run('draw', () => api.drawNext(id, number, newId())),
    withdraw: (draw: string, goOn: boolean) => run('withdraw', () => api.withdrawDraw(draw, goOn)),
  }
}

export type Desk = ReturnType<typeof useDesk>
