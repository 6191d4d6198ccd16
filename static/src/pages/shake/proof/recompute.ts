/** The check from the page's side: begins it in a worker, and says how it stands. */
import { onScopeDispose, ref, shallowRef } from 'vue'
import type { Asked, Told } from './worker'
import type { Checked } from './verify'

export type Checking = 'idle' | 'running' | 'done' | 'network' | 'page' | 'insecure'

export function useRecompute(open: () => Worker = opened) {
  const state = ref<Checking>('idle')
  /** The round whose list is being fetched; 0 before the first. */
  const reading = ref(0)
  const checked = shallowRef<Checked | null>(null)
  /** ms, without what the network took. */
  const took = ref(0)
  let worker: Worker | null = null

  function stop(): void {
    worker?.terminate()
    worker = null
  }

  function ended(how: Checking): void {
    state.value = how
    stop()
  }

  function begin(asked: Asked): void {
    stop()
    // Hashes are to be had on secure pages alone.
    if (typeof crypto.subtle === 'undefined') {
      state.value = 'insecure'
      return
    }
    state.value = 'running'
    reading.value = 0
    const mine = open()
    worker = mine
    mine.onmessage = ({ data }: MessageEvent<Told>) => {
      if (worker !== mine) return
      if ('reading' in data) reading.value = data.reading
      else if ('failed' in data) ended(data.failed)
      else {
        checked.value = data.done
        took.value = data.milliseconds
        ended('done')
      }
    }
    mine.onerror = () => {
      if (worker === mine) ended('page')
    }
    mine.postMessage(asked)
  }

  onScopeDispose(stop)
  return { state, reading, checked, took, begin }
}

const opened = (): Worker => new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' })
