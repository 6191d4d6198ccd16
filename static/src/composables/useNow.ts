/** The server's time as a ref that moves once a second while the page is in sight. */
import { onScopeDispose, readonly, ref, type Ref } from 'vue'
import { useContext } from '@/core/context'

export function useNow(every = 1_000): Readonly<Ref<number>> {
  const { clock } = useContext()
  const now = ref(clock.now())
  const timer = setInterval(() => {
    if (!document.hidden) now.value = clock.now()
  }, every)
  onScopeDispose(() => {
    clearInterval(timer)
  })
  return readonly(now)
}
