/** The lobby's three lists. On air is asked every few seconds, since that is what people wait for; the others on each reload. */
import { computed } from 'vue'
import { ApiError, type Broadcast } from '@/api'
import { usePoll } from '@/composables/usePoll'
import { useResource } from '@/composables/useResource'
import { useContext } from '@/core/context'

const EVERY = 10_000
const REPLAYS = 12

export interface Lobby {
  live: Broadcast[]
  coming: Broadcast[]
  replays: Broadcast[]
  moreReplays: string | null
}

export function useLobby() {
  const { api, session } = useContext()

  async function load(): Promise<Lobby> {
    // The page may have been opened while the server could not say who this is.
    await session.ready()
    const [live, coming, past] = await Promise.all([
      api.broadcasts({ state: 'live,interrupted', limit: 20 }),
      api.broadcasts({ state: 'scheduled,rehearsal', limit: 20 }),
      api.broadcasts({ state: 'ended', limit: REPLAYS }),
    ])
    return {
      live: live.items,
      coming: [...coming.items].sort((a, b) => a.starts_at.localeCompare(b.starts_at)),
      replays: watchable(past.items),
      moreReplays: past.next ?? null,
    }
  }

  const resource = useResource(load)
  usePoll(resource.reload, () => EVERY)

  async function loadMoreReplays(): Promise<void> {
    const now = resource.data.value
    if (now === null || now.moreReplays === null) return
    const page = await api.broadcasts({ state: 'ended', limit: REPLAYS, after: now.moreReplays })
    resource.data.value = { ...now, replays: [...now.replays, ...watchable(page.items)], moreReplays: page.next ?? null }
  }

  const signInNeeded = computed(() => resource.error.value instanceof ApiError && [401, 403].includes(resource.error.value.status))
  return { ...resource, loadMoreReplays, signInNeeded }
}

function watchable(items: Broadcast[]): Broadcast[] {
  return items.filter((broadcast) => broadcast.replay.state === 'published')
}
