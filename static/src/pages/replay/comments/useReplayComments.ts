/**
 * The comments of a recording in step with its picture. The list shows what was said up to the picture; who scrolls back reads on there
 * in peace, until a jump or the button brings back the present. What is taken back disappears at once here too.
 */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { inWords } from '@/api'
import type { ChannelPart } from '@/composables/useChannel'
import { useOnline } from '@/composables/useOnline'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import { REMOVED, shownAs, type Comment, type Removal } from '@/pages/room/comments/comment'
import type { Edge } from '@/pages/room/comments/useHistory'
import { useSpoken } from '@/pages/room/comments/useSpoken'
import type { CommentRemoveIn, Entry } from '@/protocol'
import { Track } from './track'

const PAGE = 100
const LOOK = 250
/** Shown while one follows, and at most while one reads further back. */
const FOLLOWED = 300
const HELD = 900
/** ms until a page that did not come is asked for again */
const PATIENCE = 3_000

export type ReplayComments = ReturnType<typeof useReplayComments>

/** `mediaTime`: the moment of the picture, ms since the epoch; `wanted`: there is a recording, and comments were allowed. */
export function useReplayComments(broadcastId: string, mediaTime: () => number | null, wanted: () => boolean) {
  const { api, live, session, reach } = useContext()
  const track = new Track()
  const comments = shallowRef<readonly Comment[]>([])
  /** All that is known around the picture, the next ones included. */
  const around = shallowRef<readonly Comment[]>([])
  const back = ref(false)
  const detached = ref(false)
  const atStart = ref(false)
  const state = computed(() => ({ unread: 0, back: back.value, detached: detached.value, atStart: atStart.value }))
  const ready = ref(false)
  const refused = ref('')
  const { spoken, tell, unsay } = useSpoken()
  let now = 0
  let shownUpTo = -1
  let loading = false
  let restUntil = 0
  let turn = 0

  function asShown(items: readonly Entry[]): Comment[] {
    const me = session.member.value?.id ?? null
    return items.map((entry) => shownAs(entry, me)).filter(({ removed }) => removed === '')
  }

  /** One page at a time; what fails is tried again, not at once. */
  async function load(read: () => Promise<void>): Promise<void> {
    if (loading || performance.now() < restUntil) return
    loading = true
    const mine = ++turn
    try {
      await read()
      refused.value = ''
    } catch (reason) {
      if (mine !== turn) return
      if (!ready.value) refused.value = inWords(reason)
      restUntil = performance.now() + PATIENCE
    } finally {
      if (mine === turn) loading = false
    }
    look()
  }

  function begin(moment: number): Promise<void> {
    return load(async () => {
      const [before, after] = await Promise.all([
        api.commentsByMoment(broadcastId, { before: String(moment + 1), limit: PAGE }),
        api.commentsByMoment(broadcastId, { after: String(moment), limit: PAGE }),
      ])
      track.begin(asShown(before.items), before.next === null, asShown(after.items), after.next === null)
      around.value = track.items
      ready.value = true
      follow()
    })
  }

  function readOn(): Promise<void> {
    const last = track.items[track.items.length - 1]
    return load(async () => {
      const page = await api.commentsByMoment(broadcastId, { after: last === undefined ? '0' : place(last), limit: PAGE })
      track.append(last, asShown(page.items), page.next === null)
      around.value = track.items
    })
  }

  /** What the picture has reached since. */
  function look(): void {
    const moment = wanted() && !document.hidden ? mediaTime() : null
    if (moment === null) return
    now = Math.floor(moment)
    if (!track.holds(now)) {
      void begin(now)
      return
    }
    if (track.wantsMore(now)) void readOn()
    show()
  }

  function show(): void {
    const passed = track.passed(now)
    if (back.value) {
      keep(passed)
      return
    }
    const last = track.items[passed - 1]?.offset ?? 0
    if (last === shownUpTo) return
    const before = comments.value[comments.value.length - 1]
    comments.value = track.items.slice(Math.max(0, passed - FOLLOWED), passed)
    atStart.value = track.atStart && passed <= FOLLOWED
    shownUpTo = last
    if (before !== undefined) tell(fresh(before))
    track.trim(now)
    around.value = track.items
  }

  /** Whoever reads further back has what comes added below, as long as it is not too much. */
  function keep(passed: number): void {
    if (detached.value) {
      track.trim(now)
      around.value = track.items
      return
    }
    const last = comments.value[comments.value.length - 1]
    const from = last === undefined ? 0 : track.items.findIndex(({ offset }) => offset === last.offset) + 1
    const added = from > 0 || last === undefined ? track.items.slice(from, passed) : []
    if (added.length === 0) return
    if (comments.value.length + added.length > HELD) detached.value = true
    else comments.value = [...comments.value, ...added]
  }

  function fresh(before: Comment): readonly Comment[] {
    return comments.value.slice(comments.value.findIndex(({ offset }) => offset === before.offset) + 1)
  }

  /** To what was said up to the picture. */
  function follow(): void {
    back.value = false
    detached.value = false
    shownUpTo = -1
    comments.value = []
    show()
  }

  function turnBack(to: boolean): void {
    if (back.value === to) return
    if (to) back.value = true
    else follow()
  }

  /** Somebody has jumped: what is read there is of the past. */
  function jumped(): void {
    turn += 1
    loading = false
    restUntil = 0
    follow()
    look()
  }

  const earlier = edge(async () => {
    const first = comments.value[0]
    if (first === undefined || atStart.value) return
    const page = await api.commentsByMoment(broadcastId, { before: place(first), limit: PAGE })
    if (comments.value[0] !== first) return
    back.value = true
    comments.value = [...track.blanked(asShown(page.items)), ...comments.value]
    if (comments.value.length > HELD) {
      comments.value = comments.value.slice(0, HELD)
      detached.value = true
    }
    atStart.value = page.next === null
  })

  const later = edge(async () => {
    const last = comments.value[comments.value.length - 1]
    if (last === undefined || !detached.value) return
    const page = await api.commentsByMoment(broadcastId, { after: place(last), limit: PAGE })
    if (comments.value[comments.value.length - 1] !== last) return
    const said = track.blanked(asShown(page.items)).filter(({ mediaAt }) => (mediaAt ?? 0) <= now)
    comments.value = [...comments.value, ...said].slice(-HELD)
    if (comments.value.length === HELD) atStart.value = false
    if (said.length < page.items.length || page.next === null) follow()
  })

  function edge(read: () => Promise<void>): Edge {
    const state = ref<'idle' | 'loading' | 'failed'>('idle')
    const message = ref('')
    async function loadEdge(): Promise<void> {
      if (state.value === 'loading') return
      state.value = 'loading'
      try {
        await read()
        state.value = 'idle'
      } catch (reason) {
        message.value = inWords(reason)
        state.value = 'failed'
      }
    }
    return { state, message, load: loadEdge }
  }

  const part: ChannelPart = {
    snapshot: () => undefined,
    entries(entries) {
      for (const { type, data } of entries) if (type === REMOVED) redact(data as unknown as Removal)
    },
  }

  function redact({ redacts, left }: Removal): void {
    track.redact(redacts, left.removed)
    comments.value = track.blanked(comments.value)
    around.value = track.items
    unsay(redacts)
  }

  /** Rejects with the reason in words. */
  async function remove(comment: Comment): Promise<void> {
    const asked: CommentRemoveIn = { comment: comment.id, client_id: newId(), reason: '' }
    await live.write('comment.remove', asked)
  }

  const timer = setInterval(look, LOOK)
  watch(reach.returns, () => {
    restUntil = 0
    look()
  })
  onScopeDispose(() => {
    clearInterval(timer)
  })
  const nothing = () => undefined
  return {
    part, comments, around, state, ready, refused, online: useOnline(), earlier, later, spoken,
    turn: turnBack, jumped, remove, again: nothing, discard: nothing,
  }
}

function place({ mediaAt, offset }: Comment): string {
  return `${mediaAt ?? 0}.${offset}`
}
