/** Whether a document was really read: its end has been in sight, and each of its files was opened. Another text begins anew. */
import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from 'vue'
import type { Task } from '@/api'

/** What lies behind the bar with the button is not in sight. */
const BEHIND = 150 // px

export interface Reading {
  /** Stands below the last line. */
  end: Ref<HTMLElement | null>
  unopened: ComputedRef<number>
  /** What is still to be done, in words; '' when all is. */
  missing: ComputedRef<string>
}

export function useReading(task: () => Task | null): Reading {
  const end = ref<HTMLElement | null>(null)
  const read = ref('')
  const unopened = computed(() => (task()?.files ?? []).filter((file) => !file.opened).length)
  const missing = computed(() => {
    const shown = task()
    if (shown === null) return '正在加载'
    if (read.value !== shown.hash) return '请先往下读到最后'
    return unopened.value === 0 ? '' : `还有 ${unopened.value} 个附件没有打开，请点开看完`
  })
  const eye = new IntersectionObserver(
    (seen) => {
      const hash = task()?.hash
      if (hash !== undefined && seen.some((each) => each.isIntersecting)) read.value = hash
    },
    { rootMargin: `0px 0px -${BEHIND}px 0px` },
  )

  // Observed anew with each text: one that is short is at its end at once.
  watch(
    [end, () => task()?.hash],
    ([element]) => {
      eye.disconnect()
      if (element !== null) eye.observe(element)
    },
    { flush: 'post' },
  )
  onScopeDispose(() => {
    eye.disconnect()
  })
  return { end, unopened, missing }
}
