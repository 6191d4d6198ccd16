/**
 * All that a page knows of one talk, through one channel: the talk itself, the keys of its two pages, what was said, who has read it,
 * who is writing. Made once by the page, handed down to whoever shows a part of it.
 */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { useChannel } from '@/composables/useChannel'
import { useNow } from '@/composables/useNow'
import { useOnline } from '@/composables/useOnline'
import { useContext } from '@/core/context'
import type { Entry, TalkKeyIn } from '@/protocol'
import type { Keeper } from '@/sealed/keeper'
import { readsAfter, stepsIn, stepsOf, type Reads } from './journal'
import { Keys, NO_KEYS, type KeyView } from './keys'
import { leftOf, otherOf, sideOf, talkAfter, type LiveTalk } from './talk'
import { useCall } from './call/useCall'
import { useThread } from './useThread'

/** ms between two words that somebody is writing. */
const TYPING = 2_000

export function useTalk(id: string, keeper: Keeper) {
  const { live, session, api } = useContext()
  const me = session.member.value?.id ?? ''
  const online = useOnline()
  const now = useNow()
  const talk = shallowRef<LiveTalk | null>(null)
  const refused = ref('')
  const view = shallowRef<KeyView>(NO_KEYS)
  const reads = shallowRef<Reads>({})
  const typing = ref(false)
  const side = computed(() => (talk.value === null ? 'member' : sideOf(talk.value, me)))
  const over = computed(() => talk.value?.state === 'ended')

  const keys = new Keys({
    keeper,
    talk: id,
    owner: me,
    say(step) {
      const taken: TalkKeyIn = { conversation: id, ...step }
      return live.write('talk.key', taken)
    },
    changed(now) {
      view.value = now
      thread.keysChanged(now)
    },
  })
  const call = useCall({ talk: id, send: (signal) => thread.send('call', signal), ended: (end) => void thread.send('call', end) })
  const thread = useThread({ talk: id, side: () => side.value, keys, called: call.hear, lost: call.lost })

  function told(next: LiveTalk): void {
    const before = talk.value
    talk.value = next
    if (next.state === 'ended' && before?.state !== 'ended') {
      keys.end()
      call.drop()
    }
    // What was deleted for both is deleted here as well.
    if (next.erased !== null && before?.erased == null) {
      thread.wipe()
      void keys.wipe()
    }
  }

  useChannel(`conversation:${id}`, [
    {
      snapshot(parts) {
        told(parts['talk'] as LiveTalk)
        reads.value = (parts['read'] as Reads | undefined) ?? {}
        refused.value = ''
        const { steps = [] } = (parts['keys'] as { steps?: Record<string, unknown>[] } | undefined) ?? {}
        keys.begin(stepsOf(steps, side.value), over.value)
        thread.part.snapshot(parts)
      },
      entries(entries: Entry[]) {
        if (talk.value === null) return
        told(talkAfter(talk.value, entries))
        reads.value = readsAfter(reads.value, entries)
        const steps = stepsIn(entries, side.value)
        if (steps.length > 0) keys.hear(steps)
        thread.part.entries(entries)
      },
      signals(values) {
        const marks = (values as { typing?: Record<string, boolean> }).typing
        if (marks !== undefined) typing.value = marks[side.value === 'secretary' ? 'member' : 'secretary'] === true
      },
      refused(reason) {
        refused.value = reason.message
      },
    },
  ])

  // Read is what lies on a screen that somebody sees.
  const visible = ref(!document.hidden)
  const looked = () => {
    visible.value = !document.hidden
  }
  document.addEventListener('visibilitychange', looked)
  onScopeDispose(() => {
    document.removeEventListener('visibilitychange', looked)
  })
  const veiled = ref(false)
  /** Up to where the reader has seen. */
  const seen = ref(0)
  watch([thread.newest, visible, veiled, online, thread.ready], async () => {
    const newest = thread.newest.value
    if (!visible.value || veiled.value || !online.value || newest <= seen.value || talk.value?.erased) return
    seen.value = newest
    if ((await live.once('message.read', { conversation: id, offset: newest })) === null) seen.value = 0
  })

  let typed = 0
  function writing(): void {
    const moment = performance.now()
    if (moment - typed < TYPING) return
    typed = moment
    void live.once('typing', { conversation: id })
  }

  const other = computed(() => (talk.value === null ? null : otherOf(talk.value, me)))
  const left = computed(() => (talk.value === null ? null : leftOf(talk.value, now.value)))
  /** Something can be said now. */
  const open = computed(() => talk.value?.state === 'open' && (view.value.state === 'agreed' || view.value.state === 'exchanging'))
  const readByOther = computed(() => reads.value[side.value === 'secretary' ? 'member' : 'secretary'] ?? 0)
  return { id, talk, side, other, left, now, over, open, online, refused, keys, view, thread, call, typing, writing, readByOther, veiled, lasting: keeper.lasting, keeper, api }
}

export type TalkHandle = ReturnType<typeof useTalk>
