/** Red hosts by a part of their name. Typing waits a moment; that nobody was found is said only where the server has said it. */
import { computed, ref, watch } from 'vue'
import type { Host } from '@/api'
import { useResource } from '@/composables/useResource'
import { useContext } from '@/core/context'

export const TYPING = 250

export function useHostSearch(taken: () => readonly string[]) {
  const { api, session } = useContext()
  const query = ref('')
  const text = () => query.value.trim()
  const { data, loading, message, reload } = useResource(async () => {
    const asked = text()
    return { asked, hosts: asked === '' ? [] : (await api.hosts(asked)).items }
  }, { immediate: false })

  watch(query, (_now, _before, onCleanup) => {
    const timer = setTimeout(() => void reload(), TYPING)
    onCleanup(() => { clearTimeout(timer) })
  })

  const known = computed(() => data.value !== null && text() !== '' && data.value.asked === text())
  const found = computed<Host[]>(() => {
    const out = new Set([session.member.value?.id, ...taken()])
    return known.value ? (data.value?.hosts ?? []).filter((host) => !out.has(host.id)) : []
  })
  return {
    query, found, loading, reload,
    message: computed(() => (text() === '' ? '' : message.value)),
    nobody: computed(() => known.value && message.value === '' && found.value.length === 0),
  }
}
