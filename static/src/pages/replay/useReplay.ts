/** One broadcast as its replay: what can be shown now. Until there is something to play it is asked for more often. */
import { computed } from 'vue'
import { useBroadcast, type Pace } from '@/composables/useBroadcast'
import { noticeOf, replayStage } from './state'

const PREPARING = 2_000
/** Somebody waits with the link in hand, and the host may publish any moment. */
const AWAITED = 5_000

const pace: Pace = (broadcast) => {
  const stage = replayStage(broadcast)
  if (stage === 'preparing') return PREPARING
  return stage === 'unpublished' || stage === 'none' ? AWAITED : null
}

export function useReplay(id: string) {
  const handle = useBroadcast(id, pace)
  const { broadcast } = handle
  const stage = computed(() => (broadcast.value === null ? null : replayStage(broadcast.value)))
  const notice = computed(() => (broadcast.value === null ? null : noticeOf(broadcast.value)))
  return { ...handle, stage, notice }
}
