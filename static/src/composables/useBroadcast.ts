/**
 * The state of one broadcast, kept fresh by asking every few seconds while the page is in sight; seldom where the live connection tells
 * of changes.
 *
 * Each answer also renews the cookie that opens the playlists, so the asking goes on while one watches.
 */
import { computed, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { ApiError, inWords, type Broadcast } from '@/api'
import { useContext } from '@/core/context'
import { usePoll } from './usePoll'

const ON_AIR = 3_000
const OVER = 10_000

/** ms until the next question; null: as usual. */
export type Pace = (broadcast: Broadcast) => number | null

export interface BroadcastHandle {
  broadcast: ShallowRef<Broadcast | null>
  /** Not there, or none of this person's business: both look alike. */
  missing: Ref<boolean>
  /** Nothing could be shown at all yet, in words. */
  message: ComputedRef<string>
  reload: () => Promise<void>
  /** An answer of another call that carries the newer state. */
  take: (fresh: Broadcast) => void
  /** What the live connection has told of it since `at`, an RFC 3339 moment of the server. */
  apply: (fields: Partial<Broadcast>, at?: string) => void
}

export function useBroadcast(id: string, pace: Pace = () => null): BroadcastHandle {
  const { api, reach } = useContext()
  const broadcast = shallowRef<Broadcast | null>(null)
  const missing = ref(false)
  const error = ref<unknown>(null)
  let newest = 0

  function take(fresh: Broadcast): void {
    const at = Date.parse(fresh.server_time)
    if (at < newest) return
    newest = at
    broadcast.value = fresh
    missing.value = false
    error.value = null
  }

  function apply(fields: Partial<Broadcast>, at?: string): void {
    if (broadcast.value === null) return // the answer that is under way holds it
    if (at !== undefined) newest = Math.max(newest, Date.parse(at)) // an answer from before it would take it back
    broadcast.value = { ...broadcast.value, ...fields }
  }

  async function reload(): Promise<void> {
    try {
      take(await api.broadcast(id))
    } catch (reason) {
      error.value = reason
      if (reason instanceof ApiError && [401, 403, 404].includes(reason.status)) {
        missing.value = true
        broadcast.value = null
      }
    }
  }

  const over = computed(() => ['ended', 'cut_off', 'cancelled'].includes(broadcast.value?.state ?? ''))
  const usual = () => (over.value || missing.value ? OVER : ON_AIR)
  const poll = usePoll(reload, () => (broadcast.value === null ? null : pace(broadcast.value)) ?? usual())
  watch(reach.returns, poll.now)
  poll.now()
  const message = computed(() => (broadcast.value === null && error.value !== null && !missing.value ? inWords(error.value) : ''))
  return { broadcast, missing, message, reload, take, apply }
}
