/** Sending from this page: the publisher, how the uplink does, and what the server says it receives. */
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { Broadcast, BroadcastStatus } from '@/api'
import { usePoll } from '@/composables/usePoll'
import { useContext } from '@/core/context'
import { Publisher, type PublisherState } from '@/media/publisher'
import { readStats, UplinkMeter, type Sample } from '@/media/uplink'
import { LIMITS, WhipClient, WhipError } from '@/media/whip'
import { forgetSending, rememberSending } from './resume'
import type { Sources } from './useSources'

const STATUS_EVERY = 2_000
/** Answers of the server in a row that see nothing although we believe to send. */
const BLIND = 3
/** ms after a loss from which a sender seen by the server cannot be our own ghost (it is dropped after 3 s of silence) */
const GHOST_GONE = 4_500

export function usePublishing(broadcast: Ref<Broadcast | null>, sources: Sources, take: (fresh: Broadcast) => void) {
  const { api } = useContext()
  const state = ref<PublisherState>({ name: 'idle' })
  const status = shallowRef<BroadcastStatus | null>(null)
  const samples = shallowRef<Sample[]>([])
  const meter = new UplinkMeter()
  const active = computed(() => ['connecting', 'sending', 'reconnecting'].includes(state.value.name))
  let blind = 0
  let lostAt = 0

  const publisher = new Publisher({ connect, onState: enter })

  function enter(now: PublisherState): void {
    if (now.name === 'reconnecting' && state.value.name !== 'reconnecting') lostAt = Date.now()
    state.value = now
    if (now.name === 'connecting') remember()
    // Somebody else sends, or nobody may: a reload must not begin it again by itself.
    if (now.name === 'occupied' || now.name === 'refused') forgetSending()
  }

  async function connect(renewed: boolean): Promise<WhipClient> {
    const id = broadcast.value?.id ?? ''
    if (renewed) take(await api.renewToken(id))
    const whip = broadcast.value?.whip ?? (await api.broadcast(id)).whip
    if (whip === null) throw new WhipError(409, 'broadcast_over', '这场直播已经不能推流')
    return new WhipClient(whip)
  }

  function remember(): void {
    if (broadcast.value !== null) rememberSending(broadcast.value.id, sources.choice.value)
  }

  function start(how: { takeover?: boolean; resuming?: boolean } = {}): void {
    meter.reset()
    samples.value = []
    blind = 0
    const keep = sources.picture.value === 'screen' ? 'detail' : 'motion'
    publisher.start({ video: sources.video.value, audio: sources.audio.value }, { ...LIMITS, keep }, how)
  }

  async function stop(): Promise<void> {
    forgetSending()
    await publisher.stop()
  }

  async function measure(): Promise<void> {
    const peer = publisher.peer
    if (peer === null) return
    const report = await peer.getStats()
    if (meter.add(readStats(report.values() as Iterable<never>, performance.now())) !== null) samples.value = meter.samples.slice()
  }

  async function ask(): Promise<void> {
    const id = broadcast.value?.id
    if (id === undefined || broadcast.value?.whip == null) return
    status.value = await api.status(id)
    if (state.value.name === 'reconnecting' && status.value.publishing && Date.now() - lostAt > GHOST_GONE) publisher.yieldTo()
    blind = state.value.name === 'sending' && !status.value.publishing ? blind + 1 : 0
    if (blind < BLIND) return
    blind = 0
    publisher.lose()
  }

  sources.listen((kind, track) => void publisher.replace(kind, track))
  usePoll(ask, () => STATUS_EVERY)
  const timer = setInterval(() => { measure().catch(() => undefined) }, 1_000)
  const wake = () => { publisher.wake() }
  // Tell the server at once; a reload then resumes without waiting for our own ghost.
  const leave = () => { void publisher.stop() }
  window.addEventListener('online', wake)
  window.addEventListener('pagehide', leave)
  onScopeDispose(() => {
    clearInterval(timer)
    window.removeEventListener('online', wake)
    window.removeEventListener('pagehide', leave)
    void stop()
  })
  watch(sources.choice, () => { if (active.value) remember() })
  watch(
    () => broadcast.value?.state,
    (now) => {
      if (now !== undefined && ['ended', 'cut_off', 'cancelled'].includes(now) && state.value.name !== 'idle') void stop()
    },
  )

  return {
    state,
    status,
    samples,
    sending: computed(() => state.value.name === 'sending'),
    active,
    verdict: computed(() => (samples.value.length > 0 ? meter.verdict() : null)),
    start,
    stop,
    takeOver: () => { publisher.takeOver() },
  }
}

export type Publishing = ReturnType<typeof usePublishing>
