/** One broadcast as its replay: what can be shown now. While the recording is being finished it is asked for more often. */
import { computed, onScopeDispose, watch } from 'vue'
import { useBroadcast } from '@/composables/useBroadcast'
import { noticeOf, replayStage } from './state'

const PREPARING = 2_000

export function useReplay(id: string) {
  const handle = useBroadcast(id)
  const { broadcast, reload } = handle
  const stage = computed(() => (broadcast.value === null ? null : replayStage(broadcast.value)))
  const notice = computed(() => (broadcast.value === null ? null : noticeOf(broadcast.value)))
  let timer: ReturnType<typeof setInterval> | undefined

  watch(stage, (now) => {
    clearInterval(timer)
    if (now !== 'preparing') return
    timer = setInterval(() => {
      if (!document.hidden) void reload()
    }, PREPARING)
  })
  onScopeDispose(() => {
    clearInterval(timer)
  })
  return { ...handle, stage, notice }
}
