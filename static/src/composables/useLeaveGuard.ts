/** Asks before the page is left while something would break: the browser's own question, and ours inside the app. */
import { showConfirmDialog } from 'vant'
import { onScopeDispose, type Ref } from 'vue'
import { onBeforeRouteLeave } from 'vue-router'

export function useLeaveGuard(active: Ref<boolean>, words: string): void {
  function ask(event: BeforeUnloadEvent): void {
    if (!active.value) return
    event.preventDefault()
    // Older browsers ask only when this is set.
    // eslint-disable-next-line @typescript-eslint/no-deprecated -- Chrome before 119
    event.returnValue = true
  }

  window.addEventListener('beforeunload', ask)
  onScopeDispose(() => {
    window.removeEventListener('beforeunload', ask)
  })
  onBeforeRouteLeave(async () => {
    if (!active.value) return true
    return showConfirmDialog({ title: '确定离开？', message: words, confirmButtonText: '离开', cancelButtonText: '留下' }).then(
      () => true,
      () => false,
    )
  })
}
