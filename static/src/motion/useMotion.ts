/**
 * The phone's motion on a page: whether it is felt, how strongly, and each shake. iPhones must be asked within a tap, and a refusal
 * lasts until the app around the page is closed; other phones just tell. A sensor that says nothing is none: the button remains.
 */
import { computed, onScopeDispose, ref } from 'vue'
import { after, AT_REST, level as levelAfter } from './detect'

/** `unasked`: a tap must ask; `waiting`: nothing heard yet; `refused`: by the person; `none`: no sensor, or no secure page. */
export type Sensing = 'unasked' | 'waiting' | 'on' | 'refused' | 'none'

interface Asking {
  requestPermission?: () => Promise<'granted' | 'denied' | 'default'>
}

const PATIENCE = 2_000 // ms without a sample: there is no sensor

export function useMotion(shaken: () => void) {
  const known = typeof window.DeviceMotionEvent === 'undefined' || !window.isSecureContext ? null : (window.DeviceMotionEvent as unknown as Asking)
  const state = ref<Sensing>('none')
  /** 0 at rest, 1 at a hearty shake. */
  const level = ref(0)
  let motion = AT_REST
  let silence: ReturnType<typeof setTimeout> | undefined
  let listening = false

  function felt(event: DeviceMotionEvent): void {
    const { x, y, z } = event.accelerationIncludingGravity ?? {}
    if (typeof x !== 'number' || typeof y !== 'number' || typeof z !== 'number') return // a desktop's one empty word
    clearTimeout(silence)
    state.value = 'on'
    const passed = event.timeStamp - motion.last
    const now = after(motion, { at: event.timeStamp, x, y, z })
    motion = now.motion
    level.value = levelAfter(level.value, now.force, passed)
    if (now.shaken) shaken()
  }

  function listen(): void {
    if (listening) return
    listening = true
    state.value = 'waiting'
    window.addEventListener('devicemotion', felt)
    silence = setTimeout(() => {
      state.value = 'none'
    }, PATIENCE)
  }

  /** Within a tap. */
  async function ask(): Promise<void> {
    if (known === null || listening) return
    if (typeof known.requestPermission !== 'function') {
      listen()
      return
    }
    try {
      if ((await known.requestPermission()) === 'granted') listen()
      else state.value = 'refused'
    } catch {
      state.value = 'unasked' // not within a tap
    }
  }

  // Where an iPhone was asked before it answers without a tap; otherwise it wants one.
  void ask()
  onScopeDispose(() => {
    clearTimeout(silence)
    window.removeEventListener('devicemotion', felt)
  })
  return { state, level, ask, senses: computed(() => state.value === 'on' || state.value === 'waiting') }
}
