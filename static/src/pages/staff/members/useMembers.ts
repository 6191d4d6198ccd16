/** The roster as filtered: one page, then the next on demand. Typing waits a moment, choosing does not. */
import { computed, onScopeDispose, reactive, ref, watch } from 'vue'
import { inWords, type MemberRow } from '@/api'
import { useResource } from '@/composables/useResource'
import { useContext } from '@/core/context'
import { narrows, NO_FILTER, queryOf, type Filter } from './filter'

const PAGE = 50
export const TYPING = 300

export function useMembers(initial: Filter) {
  const { api } = useContext()
  const filter = reactive<Filter>({ ...initial })
  const resource = useResource(() => api.members({ ...queryOf(filter), limit: PAGE }))
  const loadingMore = ref(false)
  const moreMessage = ref('')
  let timer: ReturnType<typeof setTimeout> | undefined

  watch(
    () => ({ ...filter }),
    (now, before) => {
      clearTimeout(timer)
      moreMessage.value = ''
      if (now.q === before.q) void resource.reload()
      else timer = setTimeout(() => void resource.reload(), TYPING)
    },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
  })

  async function loadMore(): Promise<void> {
    const shown = resource.data.value
    if (!shown?.next || loadingMore.value) return
    loadingMore.value = true
    moreMessage.value = ''
    try {
      const page = await api.members({ ...queryOf(filter), limit: PAGE, after: shown.next })
      // Meanwhile another filter may have been chosen, or a row changed.
      const now = resource.data.value
      if (now?.next === shown.next) resource.data.value = { items: [...now.items, ...page.items], next: page.next ?? null }
    } catch (error) {
      moreMessage.value = inWords(error)
    } finally {
      loadingMore.value = false
    }
  }

  /** Show what the server has just answered about one person, wherever it now belongs; a newcomer stands first. */
  function put(row: MemberRow): void {
    const shown = resource.data.value
    if (shown === null) return
    const known = shown.items.some((item) => item.id === row.id)
    const items = known ? shown.items.map((item) => (item.id === row.id ? row : item)) : [row, ...shown.items]
    resource.data.value = { ...shown, items }
  }

  return {
    ...resource,
    filter,
    items: computed(() => resource.data.value?.items ?? []),
    more: computed(() => Boolean(resource.data.value?.next)),
    filtered: computed(() => narrows(filter)),
    clear: () => Object.assign(filter, NO_FILTER, { sort: filter.sort }),
    sheetUrl: computed(() => api.membersSheetUrl(queryOf(filter))),
    loadMore,
    loadingMore,
    moreMessage,
    put,
  }
}
