/**
 * A session on a page: what its channel tells, one's own part in it, and one's shake. A shake is sent until the server has taken or
 * refused it, also over a time without a network; the server judges by the moment it receives it. Its receipt is looked at and kept.
 */
import { computed, shallowRef, watch } from 'vue'
import { useChannel, type ChannelPart } from '@/composables/useChannel'
import { useResource } from '@/composables/useResource'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import { Refused, type ShakeAck, type ShakeSocketIn } from '@/protocol'
import { createKept } from './kept'
import { hex } from './proof/bytes'
import { isSigned, type Shaken } from './proof/receipt'
import { after, begun, current, type Standing } from './standing'

/** How one's shake in a round stands. `sound`: its receipt is signed as was promised; null where the page cannot tell. */
export type Mine =
  | { state: 'sending' }
  | { state: 'taken'; shaken: Shaken; sound: boolean | null }
  | { state: 'refused'; code: string; reason: string }

export function useShake(id: string) {
  const { api, live, session, clock } = useContext()
  const standing = shallowRef<Standing | null>(null)
  const count = shallowRef<{ round: number; count: number } | null>(null)
  const mine = shallowRef<ReadonlyMap<number, Mine>>(new Map())
  const kept = createKept(session.member.value?.id ?? '')
  const own = useResource(() => api.ownShake(id))
  const round = computed(() => (standing.value === null ? null : current(standing.value)))

  function put(number: number, how: Mine): void {
    mine.value = new Map(mine.value).set(number, how)
  }

  /** Acknowledged: it counts, whatever becomes of this page. */
  async function take(shaken: Shaken): Promise<void> {
    kept.receipt(id, shaken, clock.now())
    const known = mine.value.get(shaken.round)
    if (known?.state !== 'taken') put(shaken.round, { state: 'taken', shaken, sound: null })
    const promised = kept.read(id)?.receiptKey ?? standing.value?.receipt_key
    if (promised === undefined || typeof crypto.subtle === 'undefined' || (known?.state === 'taken' && known.sound !== null)) return
    put(shaken.round, { state: 'taken', shaken, sound: await isSigned(id, shaken, promised) })
  }

  watch(own.data, (told) => {
    for (const shaken of told?.rounds ?? []) void take(shaken)
  })
  // What was promised is noted as soon as it is seen, and while it binds.
  watch(standing, (now, before) => {
    if (now === null) return
    kept.seen(id, now, clock.now())
    if (before === null) for (const each of mine.value.values()) if (each.state === 'taken') void take(each.shaken)
  })

  /** In the round that is open now; again after a refusal that may pass. */
  async function shake(): Promise<void> {
    const open = round.value
    if (open?.state !== 'open') return
    const before = mine.value.get(open.number)
    if (before !== undefined && before.state !== 'refused') return
    put(open.number, { state: 'sending' })
    const asked: ShakeSocketIn = { shake: id, nonce: hex(crypto.getRandomValues(new Uint8Array(8))), client_id: newId() }
    try {
      const { round: number, pseudonym, nonce, weight, at, receipt } = await live.write<ShakeAck>('shake', asked)
      // Held up by the network it may have come in with the next round; then that is the one it counts for.
      if (number !== open.number) put(open.number, { state: 'refused', code: 'too_late', reason: '这一轮已经结束，请等下一轮' })
      await take({ round: number, pseudonym: pseudonym ?? '', nonce: nonce ?? '', weight: weight ?? 1, at, receipt: receipt ?? '' })
    } catch (reason) {
      const refused = reason instanceof Refused ? reason : new Refused('', '没有送出去，请再摇一次')
      put(open.number, { state: 'refused', code: refused.code, reason: refused.message })
      if (refused.code !== 'too_late') void own.reload()
    }
  }

  const part: ChannelPart = {
    snapshot(state) {
      standing.value = begun(state['shake'])
      void own.reload()
    },
    entries(entries) {
      const before = standing.value
      standing.value = before === null ? null : entries.reduce(after, before)
      // How one stands may change when rounds end: somebody has talked, or been drawn.
      if (entries.some(({ type }) => ['shake.accepted', 'shake.changed', 'shake.closed'].includes(type))) void own.reload()
    },
    signals(values) {
      const told = values['shaking'] as { round: number; count: number } | undefined
      if (told !== undefined) count.value = told
    },
  }
  useChannel(`shake:${id}`, [part])

  return { standing, round, count, own, mine, shake, kept, ofRound: (number: number) => mine.value.get(number) ?? null }
}

export type ShakeHandle = ReturnType<typeof useShake>
