/** The rooms that are on air, and what waits in each; the fullest first. */
import type { Broadcast } from '@/api'
import { usePoll } from '@/composables/usePoll'
import { useResource } from '@/composables/useResource'
import { useContext } from '@/core/context'

const EVERY = 5_000
const MOST = 50
/** Counted no further. */
export const REPORTS = 100

export interface OpenRoom {
  broadcast: Broadcast
  waiting: number
  /** Reported by people, or marked by a list. */
  reported: number
}

export function useOverview() {
  const { api } = useContext()
  const resource = useResource(async (): Promise<OpenRoom[]> => {
    const { items } = await api.broadcasts({ state: 'live,interrupted', limit: MOST })
    const rooms = await Promise.all(
      items.map(async (broadcast) => {
        const [held, reports] = await Promise.all([api.held(broadcast.id, { limit: 1 }), api.reports(broadcast.id, { limit: REPORTS })])
        return { broadcast, waiting: held.waiting, reported: reports.items.length }
      }),
    )
    return rooms.sort((one, other) => other.waiting - one.waiting || other.reported - one.reported)
  })
  usePoll(resource.reload, () => EVERY)
  return resource
}
