/** Reads on at either end of what is shown, page by page, one at a time at each. What failed is tried again when the network returns. */
import { ref, watch, type Ref } from 'vue'
import { inWords } from '@/api'
import { useContext } from '@/core/context'
import type { Entry } from '@/protocol'
import { shownAs, type Comment } from './comment'
import type { Passage } from './passage'

const PAGE = 100

export interface Edge {
  state: Readonly<Ref<'idle' | 'loading' | 'failed'>>
  /** Why it failed, in words. */
  message: Readonly<Ref<string>>
  /** Nothing happens while a page is on its way. */
  load: () => Promise<void>
}

export function useHistory(broadcastId: string, passage: Passage, me: () => string | null, changed: () => void): { earlier: Edge; later: Edge; lookAgain: () => void } {
  const { api, reach } = useContext()

  async function before(): Promise<void> {
    const first = passage.shown[0]
    if (first === undefined || passage.atStart) return
    const page = await api.comments(broadcastId, { before: first.offset, limit: PAGE })
    passage.addEarlier(asShown(page.items), first.offset, page.next === null)
  }

  async function after(): Promise<void> {
    if (!passage.detached) return
    const { end } = passage
    const page = await api.comments(broadcastId, { after: end, limit: PAGE })
    passage.addLater(asShown(page.items), end, page.next === null ? null : Number(page.next))
  }

  function asShown(entries: readonly Entry[]): Comment[] {
    return entries.map((entry) => shownAs(entry, me()))
  }

  function edge(read: () => Promise<void>): Edge {
    const state = ref<'idle' | 'loading' | 'failed'>('idle')
    const message = ref('')

    async function load(): Promise<void> {
      if (state.value === 'loading') return
      state.value = 'loading'
      try {
        await read()
        state.value = 'idle'
      } catch (error) {
        message.value = inWords(error)
        state.value = 'failed'
      }
      changed()
    }

    watch(reach.returns, () => {
      if (state.value === 'failed') void load()
    })
    return { state, message, load }
  }

  /** What was taken back while nothing could be heard is told by nobody: what was kept on the screen is compared once. */
  const compare = edge(async () => {
    const end = passage.snapshotFrom
    if (end === 0) return
    let from = (passage.shown[0]?.offset ?? end) - 1
    while (from + 1 < end) {
      const page = await api.comments(broadcastId, { after: from, limit: PAGE })
      for (const { offset, removed } of asShown(page.items)) if (removed !== '') passage.redact(offset, removed)
      if (page.next === null) return
      from = Number(page.next)
    }
  })

  return { earlier: edge(before), later: edge(after), lookAgain: () => void compare.load() }
}
