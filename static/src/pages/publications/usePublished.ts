/** The members of a publication page by page: of one branch, or of all whose name has what is looked for in it. */
import { computed, onScopeDispose, ref, watch } from 'vue'
import type { Published } from '@/api'
import { usePages } from '@/composables/usePages'
import { useContext } from '@/core/context'

const PAGE = 100
const TYPING = 250 // ms

export function usePublished(publication: string) {
  const { api } = useContext()
  const branch = ref('')
  const q = ref('')
  const started = ref(false)
  const looked = computed(() => q.value.trim())

  // A page of rows has no id of its own: a member has one row.
  const pages = usePages<Published & { id: string }>(async (after) => {
    if (!started.value) return { items: [], next: null }
    const wanted = looked.value === '' ? { branch: branch.value } : { q: looked.value }
    const page = await api.published(publication, { ...wanted, limit: PAGE, ...(after === undefined ? {} : { after }) })
    return { ...page, items: page.items.map((each) => ({ ...each, id: each.member })) }
  })

  function begin(at: string): void {
    branch.value = at
    started.value = true
  }

  let typing: ReturnType<typeof setTimeout> | undefined
  watch([branch, started], () => void pages.restart())
  watch(looked, () => {
    clearTimeout(typing)
    typing = setTimeout(() => void pages.restart(), TYPING)
  })
  onScopeDispose(() => {
    clearTimeout(typing)
  })
  return { ...pages, branch, q, begin, started, searching: computed(() => looked.value !== '') }
}
