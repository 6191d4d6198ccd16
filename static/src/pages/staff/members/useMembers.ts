/** The roster as filtered: one page, then the next on demand. Typing waits a moment, choosing does not. */
import { computed, onScopeDispose, reactive, watch } from 'vue'
import type { MemberRow } from '@/api'
import { usePages } from '@/composables/usePages'
import { useContext } from '@/core/context'
import { narrows, NO_FILTER, queryOf, type Filter } from './filter'

const PAGE = 50
export const TYPING = 300

export function useMembers(initial: Filter) {
  const { api } = useContext()
  const filter = reactive<Filter>({ ...initial })
  const list = usePages<MemberRow>((after) => api.members({ ...queryOf(filter), limit: PAGE, ...(after === undefined ? {} : { after }) }))
  let timer: ReturnType<typeof setTimeout> | undefined

  watch(
    () => ({ ...filter }),
    (now, before) => {
      clearTimeout(timer)
      if (now.q === before.q) void list.restart()
      else timer = setTimeout(() => void list.restart(), TYPING)
    },
  )
  onScopeDispose(() => {
    clearTimeout(timer)
  })

  /** Show what the server has just answered about one person, wherever it now belongs; a newcomer stands first. */
  function put(row: MemberRow): void {
    const shown = list.data.value
    if (shown === null) return
    const known = shown.items.some((item) => item.id === row.id)
    const items = known ? shown.items.map((item) => (item.id === row.id ? row : item)) : [row, ...shown.items]
    list.data.value = { ...shown, items }
  }

  return {
    ...list,
    filter,
    filtered: computed(() => narrows(filter)),
    clear: () => Object.assign(filter, NO_FILTER, { sort: filter.sort }),
    sheetUrl: computed(() => api.membersSheetUrl(queryOf(filter))),
    put,
  }
}
