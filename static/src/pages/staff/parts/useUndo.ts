/** One sentence about what has just been done, for five seconds, with the way back. It waits while somebody points at it. */
import { onScopeDispose, readonly, ref, shallowRef } from 'vue'
import { inWords } from '@/api'

export const UNDO_FOR = 5_000

export interface Notice {
  text: string
  undo: (() => Promise<unknown>) | null
}

export function useUndo() {
  const notice = shallowRef<Notice | null>(null)
  const undoing = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  function hold(): void {
    clearTimeout(timer)
  }

  function release(): void {
    clearTimeout(timer)
    timer = setTimeout(dismiss, UNDO_FOR)
  }

  function dismiss(): void {
    clearTimeout(timer)
    notice.value = null
  }

  function say(text: string, undo: (() => Promise<unknown>) | null = null): void {
    notice.value = { text, undo }
    release()
  }

  async function undo(): Promise<void> {
    const back = notice.value?.undo
    if (!back || undoing.value) return
    undoing.value = true
    hold()
    try {
      await back()
      say('已撤销')
    } catch (error) {
      say(`没能撤销：${inWords(error)}`)
    } finally {
      undoing.value = false
    }
  }

  onScopeDispose(hold)
  return { notice, undoing: readonly(undoing), say, undo, hold, release, dismiss }
}

export type Undo = ReturnType<typeof useUndo>
