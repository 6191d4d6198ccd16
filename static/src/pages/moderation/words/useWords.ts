/** The words of one list: looked through, added and removed; each change counts within two seconds everywhere. */
import { computed, ref, watch } from 'vue'
import { usePages } from '@/composables/usePages'
import { useSubmit } from '@/composables/useSubmit'
import { useContext } from '@/core/context'

const PAGE = 200
/** The server takes no more at once. */
const MOST = 1_000

export function useWords(listId: string, changed: () => void) {
  const { api } = useContext()
  const q = ref('')
  const total = ref(0)
  const adding = useSubmit()
  const removing = useSubmit()
  const pages = usePages<{ id: string }>(async (after) => {
    const page = await api.words(listId, { q: q.value.trim(), limit: PAGE, ...(after === undefined ? {} : { after }) })
    total.value = page.total
    return { items: page.items.map((id) => ({ id })), next: page.next }
  })
  watch(q, () => void pages.restart())

  /** One a line, or parted by commas. True where they were added. */
  async function add(text: string): Promise<boolean> {
    const words = parted(text)
    if (words.length === 0) {
      adding.message.value = '请先写上要添加的词'
      return false
    }
    if (words.length > MOST) {
      adding.message.value = `一次最多添加 ${MOST} 个词，更多请用文件导入`
      return false
    }
    const done = await adding.run(() => api.changeWords(listId, { add: words }))
    if (done) await again()
    return done
  }

  async function remove(word: string): Promise<boolean> {
    const done = await removing.run(() => api.changeWords(listId, { remove: [word] }))
    if (done) await again()
    return done
  }

  async function again(): Promise<void> {
    await pages.restart()
    changed()
  }

  return { ...pages, q, total, words: computed(() => pages.items.value.map(({ id }) => id)), adding, removing, add, remove, again }
}

export function parted(text: string): string[] {
  return [...new Set(text.split(/[\n,，、;；]+/).map((word) => word.trim()))].filter((word) => word !== '')
}
