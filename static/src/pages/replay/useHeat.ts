/** The heat of comments on the timeline of a recording: read once, laid out as soon as the player knows where the moments lie. */
import { shallowRef, watch, type Ref } from 'vue'
import type { CommentHeat } from '@/api'
import { useContext } from '@/core/context'
import { heatOf, type Heat } from './heat'

/** `changed` changes whenever the player may know more. */
export function useHeat(broadcastId: string, positionAt: (date: number) => number | null, duration: () => number, changed: Ref<unknown>): Readonly<Ref<Heat | null>> {
  const { api, reach } = useContext()
  const heat = shallowRef<Heat | null>(null)
  const told = shallowRef<CommentHeat | null>(null)

  async function read(): Promise<void> {
    try {
      told.value = await api.commentHeat(broadcastId)
    } catch {
      // The timeline is whole without it; it is asked for again when the network returns.
    }
  }

  watch([told, changed, duration], () => {
    if (heat.value === null && told.value !== null) heat.value = heatOf(told.value, positionAt, duration())
  })
  watch(duration, () => {
    if (told.value !== null) heat.value = heatOf(told.value, positionAt, duration())
  })
  watch(reach.returns, () => {
    if (told.value === null) void read()
  })
  void read()
  return heat
}
