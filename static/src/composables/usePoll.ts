/** Calls a function again and again while the page is in sight, never twice at once, and at once when it comes back into sight. */
import { onScopeDispose } from 'vue'

export function usePoll(call: () => Promise<unknown>, every: () => number): { now: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  let running = false
  let stopped = false

  function plan(): void {
    clearTimeout(timer)
    if (!stopped && !document.hidden) timer = setTimeout(run, every())
  }

  function run(): void {
    if (running || stopped) return
    running = true
    void call()
      .catch(() => undefined)
      .finally(() => {
        running = false
        plan()
      })
  }

  function seen(): void {
    if (document.hidden) clearTimeout(timer)
    else run()
  }

  document.addEventListener('visibilitychange', seen)
  onScopeDispose(() => {
    stopped = true
    clearTimeout(timer)
    document.removeEventListener('visibilitychange', seen)
  })
  plan()
  return { now: run }
}
