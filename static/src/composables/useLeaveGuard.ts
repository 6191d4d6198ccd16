/** Asks before the page is left while something would break: the browser's own question, and ours inside the app. */
import { onScopeDispose, type Ref } from 'vue'
import { onBeforeRouteLeave } from 'vue-router'
import { ask } from '@/ui/ask'

export function useLeaveGuard(active: Ref<boolean>, words: string): void {
  function leaving(event: BeforeUnloadEvent): void {
    if (!active.value) return
    event.preventDefault()
    // Older browsers ask only when this is set.
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- Chrome before 119
    event.returnValue = true
  }

  window.addEventListener('beforeunload', leaving)
  onScopeDispose(() => {
    window.removeEventListener('beforeunload', leaving)
  })
  onBeforeRouteLeave(async () => {
    if (!active.value) return true
    return ask({ title: '确定离开？', message: words, yes: '离开', no: '留下' })
  })
}
