/**
 * A list that comes page by page: the first by itself, the others on demand. What was fetched stays when the first page is asked for
 * again, as far as the two still join; `restart` begins anew, as another filter must.
 */
import { computed, ref } from 'vue'
import { inWords, type Page } from '@/api'
import { useResource, type Resource } from './useResource'

export interface Pages<Item> {
  items: Item[]
  next: string | null
  /** Which beginning these rows follow: rows of two never mix. */
  beginning: number
}

export function usePages<Item extends { id: string }>(load: (after?: string) => Promise<Page<Item>>) {
  let beginning = 0
  const resource: Resource<Pages<Item>> = useResource(async () => {
    const mine = beginning
    const { items, next } = await load()
    return joined({ items, next: next ?? null, beginning: mine }, resource.data.value)
  })
  const loadingMore = ref(false)
  const moreMessage = ref('')

  async function restart(): Promise<void> {
    beginning += 1
    moreMessage.value = ''
    await resource.reload()
  }

  async function loadMore(): Promise<void> {
    const shown = resource.data.value
    if (!shown?.next || loadingMore.value) return
    loadingMore.value = true
    moreMessage.value = ''
    try {
      const page = await load(shown.next)
      // Meanwhile another list may have been asked for, or a row changed.
      const now = resource.data.value
      if (now?.next === shown.next) resource.data.value = { ...now, items: [...now.items, ...page.items], next: page.next ?? null }
    } catch (error) {
      moreMessage.value = inWords(error)
    } finally {
      loadingMore.value = false
    }
  }

  /** Further pages until one has the item that is looked for, or there are no more; a page that does not come ends it, and is said. */
  async function loadUntil(wanted: (item: Item) => boolean): Promise<void> {
    while (resource.data.value?.next && !resource.data.value.items.some(wanted)) {
      const before = resource.data.value
      await loadMore()
      if (resource.data.value === before) return
    }
  }

  return {
    ...resource,
    restart,
    items: computed(() => resource.data.value?.items ?? []),
    more: computed(() => Boolean(resource.data.value?.next)),
    loadMore,
    loadUntil,
    loadingMore,
    moreMessage,
  }
}

/** The fresh first page and what was shown behind its last row; a page that ends in something unknown stands alone. */
function joined<Item extends { id: string }>(fresh: Pages<Item>, shown: Pages<Item> | null): Pages<Item> {
  const last = fresh.items[fresh.items.length - 1]
  if (fresh.next === null || last === undefined || shown?.beginning !== fresh.beginning) return fresh
  const at = shown.items.findIndex((item) => item.id === last.id)
  if (at < 0 || at + 1 === shown.items.length) return fresh
  return { ...fresh, items: [...fresh.items, ...shown.items.slice(at + 1)], next: shown.next }
}
