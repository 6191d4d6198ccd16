/** The polls of a broadcast on a page: what the channel tells of them, how they stand, and one's own vote. */
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import type { ChannelPart } from '@/composables/useChannel'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import type { PollCloseIn, PollOpenAck, PollOpenIn, PollRemoveIn } from '@/protocol'
import { after, begun, CLOSED, tallyOf, type Poll, type Tally } from './poll'
import { useVoting } from './useVoting'

export type Polls = ReturnType<typeof usePolls>

/** ms between two questions how a poll stands, where the channel does not say it; spread, since many ask. */
const PACE = 5_000

export function usePolls(broadcastId: string) {
  const { api, live } = useContext()
  const told = shallowRef<readonly Poll[]>([])
  /** How open polls stand, as far as this person may know. */
  const standing = shallowRef<ReadonlyMap<string, Tally>>(new Map())
  const voted = shallowRef<ReadonlySet<string>>(new Set())
  const ready = ref(false)
  /** The poll that was closed before these eyes. */
  const justClosed = ref('')
  const { ballots, faults, vote, known } = useVoting(broadcastId, counted)
  /** Somebody looks who keeps the room, and sees how it stands even where the others do not. */
  let keeper = false
  let changes = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const polls = computed(() => told.value.map((poll) => (poll.open ? { ...poll, tally: standing.value.get(poll.id) ?? poll.tally } : poll)))
  const open = computed(() => polls.value.find((poll) => poll.open) ?? null)
  const closed = computed(() => polls.value.filter((poll) => !poll.open).reverse())

  /** A tally without counts leaves those that are known, until they are asked for again. */
  function stands(poll: string, tally: Tally): void {
    const counts = tally.counts ?? standing.value.get(poll)?.counts ?? null
    standing.value = new Map(standing.value).set(poll, { counts, voters: tally.voters })
  }

  async function ask(): Promise<void> {
    const turn = ++changes
    const { items } = await api.polls(broadcastId).catch(() => ({ items: [] }))
    for (const row of items) {
      const tally = tallyOf(row)
      if (tally !== null && row.state === 'open' && turn === changes) stands(row.id, tally)
      if (row.voted) voted.value = new Set(voted.value).add(row.id)
      known(row.id, row.mine ?? null)
    }
  }

  function askSoon(within: number): void {
    timer ??= setTimeout(() => {
      timer = undefined
      void ask()
    }, within * (0.4 + 0.6 * Math.random()))
  }

  function counted(poll: string): void {
    voted.value = new Set(voted.value).add(poll)
    if (told.value.find(({ id }) => id === poll)?.results === 'voted') void ask()
  }

  const part: ChannelPart = {
    snapshot(parts) {
      const first = !ready.value
      told.value = begun(parts['polls'])
      ready.value = true
      if (!told.value.some((poll) => poll.open)) return
      if (first) void ask()
      else askSoon(PACE / 2)
    },
    entries(entries) {
      for (const entry of entries) {
        told.value = after(told.value, entry)
        if (entry.type === CLOSED) justClosed.value = String(entry.data['id'])
      }
    },
    signals(values) {
      const news = values['poll'] as { id: string; voters: number; counts?: number[] } | undefined
      if (news === undefined) return
      changes += 1
      stands(news.id, { counts: news.counts ?? null, voters: news.voters })
      const poll = told.value.find(({ id }) => id === news.id)
      if (news.counts === undefined && (keeper || (poll?.results === 'voted' && voted.value.has(poll.id)))) askSoon(keeper ? 1_000 : PACE)
    },
  }
  onScopeDispose(() => {
    clearTimeout(timer)
  })

  // For those who keep the room. Each rejects with the reason in words.
  const opened = (payload: PollOpenIn) => live.write<PollOpenAck>('poll.open', payload)
  const close = (poll: string) => {
    const asked: PollCloseIn = { poll, client_id: newId() }
    return live.write('poll.close', asked)
  }
  const remove = (poll: string) => {
    const asked: PollRemoveIn = { poll, client_id: newId() }
    return live.write('poll.remove', asked)
  }

  function keep(on: boolean): void {
    keeper = on
    if (on && open.value !== null) void ask()
  }

  return { broadcastId, part, polls, open, closed, ready, justClosed, ballots, faults, voted, vote, ask, keep, opened, close, remove }
}
