/** Controls over a picture: shown by a touch or the mouse, gone after a while, and never gone while somebody needs them. */
import { onScopeDispose, ref, watch, type Ref } from 'vue'

const REST = 3_500

export function useControls(keep: Ref<boolean>) {
  const shown = ref(true)
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

  watch(keep, poke, { immediate: true })
  onScopeDispose(() => {
    clearTimeout(timer)
  })
  return { shown, poke, tap }
}
