/** Whether the live connection can be counted on. */
import { computed, onScopeDispose, ref, type ComputedRef } from 'vue'
import { useContext } from '@/core/context'

export function useOnline(): ComputedRef<boolean> {
  const { live, reach } = useContext()
  const connected = ref(live.online)
  onScopeDispose(
    live.onStatus((now) => {
      connected.value = now
    }),
  )
  // A phone that has lost its network may hold a dead connection for open for half a minute more.
  return computed(() => connected.value && reach.online.value)
}
