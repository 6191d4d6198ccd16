/** The rooms that are on air, and what waits in each; the fullest first. */
import type { Broadcast } from '@/api'
import { computed, watch } from 'vue'
import { usePoll } from '@/composables/usePoll'
import { useResource } from '@/composables/useResource'
import { useContext } from '@/core/context'
import { setTitle } from '@/router'

const EVERY = 5_000
const MOST = 50

export interface OpenRoom {
  broadcast: Broadcast
  waiting: number
  /** Reported by people, or marked by a list. */
  reported: number
}

export function useOverview() {
  const { api, session } = useContext()
  const resource = useResource(async (): Promise<OpenRoom[]> => {
    const { items } = await api.broadcasts({ state: 'live,interrupted', limit: MOST })
    const desks = items.length === 0 ? [] : (await api.desks(items.map(({ id }) => id))).items
    const of = new Map(desks.map((desk) => [desk.scope, desk]))
    const rooms = items.map((broadcast) => ({ broadcast, waiting: of.get(broadcast.id)?.waiting ?? 0, reported: of.get(broadcast.id)?.reported ?? 0 }))
    return rooms.sort((one, other) => other.waiting - one.waiting || other.reported - one.reported)
  })
  usePoll(resource.reload, () => EVERY)
  /** The tab of a browser says it to whoever works in another one. */
  const waiting = computed(() => (resource.data.value ?? []).reduce((sum, room) => sum + room.waiting, 0))
  watch(waiting, (count) => { setTitle(`${count > 0 ? `(${count}) ` : ''}审核`, session.brand.value) })
  return { ...resource, waiting }
}
