/** Notices of a recording at their moments: what was pinned while the picture was taken, and for a while what was announced. */
import { computed, onScopeDispose, ref } from 'vue'
import type { Notice } from '@/api'
import { useResource } from '@/composables/useResource'
import { useContext } from '@/core/context'

const LOOK = 500
/** ms of the programme that an announcement stays. */
const STAYS = 20_000

/** Those that stand at a moment, in ms since the epoch. Pure. */
export function noticesAt(notices: readonly Notice[], moment: number): { pinned: Notice | null; announced: Notice | null } {
  let pinned: Notice | null = null
  let announced: Notice | null = null
  for (const notice of notices) {
    const from = Date.parse(notice.at)
    if (from > moment) continue
    if (notice.kind === 'pinned') pinned = notice.until !== null && Date.parse(notice.until) <= moment ? null : notice
    else announced = moment - from < STAYS ? notice : null
  }
  return { pinned, announced }
}

export function useReplayNotices(broadcastId: string, mediaTime: () => number | null) {
  const { api } = useContext()
  const { data } = useResource(() => api.notices(broadcastId))
  const moment = ref(0)
  const away = ref('')
  const timer = setInterval(() => {
    const now = mediaTime()
    if (now !== null && !document.hidden) moment.value = now
  }, LOOK)
  onScopeDispose(() => {
    clearInterval(timer)
  })
  const shown = computed(() => noticesAt(data.value?.items ?? [], moment.value))
  const pinned = computed(() => shown.value.pinned)
  const announced = computed(() => (shown.value.announced?.id === away.value ? null : shown.value.announced))
  return {
    pinned,
    announced,
    put: () => {
      away.value = announced.value?.id ?? ''
    },
  }
}
