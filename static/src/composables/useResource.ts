/** Something loaded from the server: its value, whether it is coming, and what went wrong in words. Loads again when the network returns. */
import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref, type ShallowRef } from 'vue'
import { inWords } from '@/api'
import { useContext } from '@/core/context'

export interface Resource<Value> {
  data: ShallowRef<Value | null>
  /** Nothing to show yet: a skeleton belongs here. */
  pending: ComputedRef<boolean>
  loading: Ref<boolean>
  error: Ref<unknown>
  message: ComputedRef<string>
  reload: () => Promise<void>
}

export function useResource<Value>(load: () => Promise<Value>, options: { immediate?: boolean } = {}): Resource<Value> {
  const { reach } = useContext()
  const data: ShallowRef<Value | null> = shallowRef(null)
  const loading = ref(false)
  const error = ref<unknown>(null)
  let latest = 0

  async function reload(): Promise<void> {
    const turn = ++latest
    loading.value = true
    try {
      const value = await load()
      if (turn !== latest) return
      data.value = value
      error.value = null
    } catch (reason) {
      if (turn === latest) error.value = reason
    } finally {
      if (turn === latest) loading.value = false
    }
  }

  watch(reach.returns, () => void reload())
  onScopeDispose(() => {
    latest += 1
  })
  if (options.immediate !== false) void reload()
  return {
    data,
    pending: computed(() => data.value === null && error.value === null),
    loading,
    error,
    message: computed(() => (error.value === null ? '' : inWords(error.value))),
    reload,
  }
}
