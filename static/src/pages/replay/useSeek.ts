/**
 * A timeline under finger, mouse and keyboard. A range input would not do: on older iPhones it only moves by its small thumb.
 * A drag seeks when it is let go, so that one finger does not ask for a hundred segments.
 */
import { computed, ref, type Ref } from 'vue'
import { STEP } from './keys'

/** s: page up and page down */
const LEAP = 60

export interface Timeline {
  position: number
  duration: number
}

export function useSeek(line: Ref<HTMLElement | null>, timeline: Readonly<Timeline>, seek: (seconds: number) => void) {
  const dragged = ref<number | null>(null)
  const hovered = ref<number | null>(null)

  function at(event: PointerEvent): number {
    const box = line.value?.getBoundingClientRect()
    if (box === undefined || box.width === 0) return 0
    return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * timeline.duration
  }

  function down(event: PointerEvent): void {
    if (event.button !== 0 || timeline.duration <= 0) return
    const target = event.currentTarget as HTMLElement
    // Without capture the drag simply ends where the finger leaves the line.
    target.setPointerCapture?.(event.pointerId)
    dragged.value = at(event)
  }

  function move(event: PointerEvent): void {
    if (dragged.value !== null) dragged.value = at(event)
    else if (event.pointerType === 'mouse') hovered.value = at(event)
  }

  function up(event: PointerEvent): void {
    if (dragged.value === null) return
    const to = at(event)
    dragged.value = null
    seek(to)
  }

  /** The system has taken the finger (a gesture, a call): nothing was meant. */
  function cancel(): void {
    dragged.value = null
    hovered.value = null
  }

  function key(event: KeyboardEvent): void {
    const to = target(event.key)
    if (to === null) return
    event.preventDefault()
    seek(Math.max(0, Math.min(timeline.duration, to)))
  }

  function target(name: string): number | null {
    const { position, duration } = timeline
    if (name === 'ArrowRight' || name === 'ArrowUp') return position + STEP
    if (name === 'ArrowLeft' || name === 'ArrowDown') return position - STEP
    if (name === 'PageUp') return position + LEAP
    if (name === 'PageDown') return position - LEAP
    if (name === 'Home') return 0
    return name === 'End' ? duration : null
  }

  const shown = computed(() => dragged.value ?? timeline.position)
  const pointed = computed(() => dragged.value ?? hovered.value)
  const share = (seconds: number) => (timeline.duration > 0 ? Math.max(0, Math.min(100, (seconds / timeline.duration) * 100)) : 0)
  return { dragged, shown, pointed, share, down, move, up, cancel, key }
}
