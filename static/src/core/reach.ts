/** Whether the server can be reached. While it cannot, it is asked every few seconds, so that the pages return by themselves. */
import { ref } from 'vue'

const RETRY = 3_000

export function createReach(probe: () => Promise<boolean>) {
  const online = ref(true)
  /** Grows by one at each return; lists watch it to load again. */
  const returns = ref(0)
  let timer: ReturnType<typeof setTimeout> | undefined

  function wait(): void {
    clearTimeout(timer)
    timer = setTimeout(() => {
      void probe().then((reached) => {
        if (online.value) return
        if (reached) report(true)
        else wait()
      })
    }, RETRY)
  }

  function report(reached: boolean): void {
    if (reached === online.value) return
    online.value = reached
    if (reached) {
      clearTimeout(timer)
      returns.value += 1
    } else {
      wait()
    }
  }

  return { online, returns, report }
}

export type Reach = ReturnType<typeof createReach>
