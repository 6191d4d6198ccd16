/**
 * Controls over a picture: shown by a touch, the mouse or the keyboard, gone after a while, and never gone while somebody needs them.
 *
 * A finger is not a mouse: browsers send it with a made-up mouse movement and a focus before the click, which would show the
 * controls only for the tap to hide them again. So movement counts from a real mouse alone, and focus where the keyboard can land.
 */
import { onScopeDispose, ref, watch, type Ref } from 'vue'

const REST = 3_500

export function useControls(keep: Ref<boolean>) {
  const shown = ref(true)
  /** The keyboard was used last: then the focused control stays in sight, however long it takes. */
  const byKey = ref(false)
  let timer: ReturnType<typeof setTimeout> | undefined

  function poke(): void {
    shown.value = true
    clearTimeout(timer)
    if (!keep.value) {
      timer = setTimeout(() => {
        shown.value = false
      }, REST)
    }
  }

  function tap(): void {
    if (shown.value && !keep.value) {
      clearTimeout(timer)
      shown.value = false
    } else {
      poke()
    }
  }

  function moved(event: PointerEvent): void {
    if (event.pointerType === 'mouse') poke()
  }

  function focused(event: FocusEvent): void {
    if ((event.target as HTMLElement).tabIndex >= 0) poke()
  }

  const keyed = () => {
    byKey.value = true
  }
  const pointed = () => {
    byKey.value = false
  }

  watch(keep, poke, { immediate: true })
  document.addEventListener('keydown', keyed, true)
  document.addEventListener('pointerdown', pointed, true)
  onScopeDispose(() => {
    clearTimeout(timer)
    document.removeEventListener('keydown', keyed, true)
    document.removeEventListener('pointerdown', pointed, true)
  })
  return { shown, byKey, poke, tap, moved, focused }
}
