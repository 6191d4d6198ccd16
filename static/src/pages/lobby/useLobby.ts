/**
 * The lobby's lists. On air and to come are asked for every few seconds, since that is what people wait for. Replays are read from the
 * newest on demand, and stay as far as one has read when the network returns.
 */
import { computed } from 'vue'
import { ApiError, type Broadcast } from '@/api'
import { usePages } from '@/composables/usePages'
import { usePoll } from '@/composables/usePoll'
import { useResource } from '@/composables/useResource'
import { useContext } from '@/core/context'

export const EVERY = 10_000
const SHOWN = 20
const REPLAYS = 12

export interface Now {
  live: Broadcast[]
  coming: Broadcast[]
}

export function useLobby() {
  const { api, session } = useContext()

  async function load(): Promise<Now> {
    // The page may have been opened while the server could not say who this is.
    await session.ready()
    const [live, coming] = await Promise.all([
      api.broadcasts({ state: 'live,interrupted', limit: SHOWN }),
      api.broadcasts({ state: 'scheduled,rehearsal', overdue: false, limit: SHOWN }),
    ])
    return { live: live.items, coming: coming.items }
  }

  const now = useResource(load)
  const replays = usePages<Broadcast>(async (after) => {
    await session.ready()
    return api.broadcasts({ state: 'ended', replay: 'published', limit: REPLAYS, ...(after === undefined ? {} : { after }) })
  })
  usePoll(now.reload, () => EVERY)

  const nothingNow = computed(() => now.data.value !== null && now.data.value.live.length + now.data.value.coming.length === 0)
  return {
    now,
    replays,
    pending: computed(() => now.pending.value || (nothingNow.value && replays.pending.value)),
    empty: computed(() => nothingNow.value && replays.data.value?.items.length === 0),
    signInNeeded: computed(() => now.error.value instanceof ApiError && [401, 403].includes(now.error.value.status)),
    /** Everything afresh, from the newest on. */
    refresh: async (): Promise<void> => {
      await Promise.all([now.reload(), replays.restart()])
    },
  }
}
