/** The screen stays on while `active`; where the browser cannot, nothing happens. The lock is lost when the page is hidden. */
import { onScopeDispose, watch, type Ref } from 'vue'

export function useWakeLock(active: Ref<boolean>): void {
  let lock: WakeLockSentinel | null = null

  async function hold(): Promise<void> {
    if (!active.value || document.hidden || lock !== null || !('wakeLock' in navigator)) return
    try {
      lock = await navigator.wakeLock.request('screen')
      lock.addEventListener('release', () => {
        lock = null
      })
    } catch {
      // Low battery or no permission: the host will see the screen go dark.
    }
  }

  function release(): void {
    void lock?.release().catch(() => undefined)
    lock = null
  }

  const seen = () => void hold()
  watch(active, (now) => {
    if (now) void hold()
    else release()
  }, { immediate: true })
  document.addEventListener('visibilitychange', seen)
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', seen)
    release()
  })
}
