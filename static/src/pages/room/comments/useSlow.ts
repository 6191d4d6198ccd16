/**
 * 慢速发言: how many seconds one still has to wait; 0 for whoever may write at any time. After one's own last comment here, or as the
 * server says that has refused one: it knows of another device too.
 */
import { computed, ref, watch, type ComputedRef, type Ref } from 'vue'
import { useNow } from '@/composables/useNow'
import { useContext } from '@/core/context'

export function useSlow(seconds: () => number, notBefore: Ref<number>): { wait: ComputedRef<number>; wrote: () => void } {
  const { clock } = useContext()
  const now = useNow()
  const last = ref(-Infinity)
  // The clock of the page moves once a second: right after writing it may stand a moment before.
  const passed = computed(() => Math.max(0, now.value - last.value) / 1000)
  const wait = computed(() => Math.max(0, Math.ceil(seconds() - passed.value)))
  watch(notBefore, (moment) => {
    last.value = moment - seconds() * 1000
  })
  return {
    wait,
    wrote: () => {
      last.value = clock.now()
    },
  }
}
