import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiError, OfflineError, type Api, type Broadcast, type Page } from '@/api'
import { withSetup } from '@/core/testing'
import { EVERY, useLobby } from './useLobby'

type Query = Parameters<Api['broadcasts']>[0]

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})
const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms)
const page = (ids: string, next: string | null = null): Page<Broadcast> => ({ items: Array.from(ids, (id) => ({ id }) as Broadcast), next })
const NOTHING = { live: page(''), coming: page(''), replays: page('') }

/** A lobby over lists that may change; `asked` are the queries sent, `fails` decides which of them the network loses. */
async function lobbyOf(lists: Partial<Record<'live' | 'coming' | 'replays' | 'older', Page<Broadcast>>>, fails: (query: Query) => boolean = () => false) {
  const asked: Query[] = []
  const broadcasts: Api['broadcasts'] = (query) => {
    asked.push(query)
    if (fails(query)) return Promise.reject(new OfflineError())
    const list = query.after !== undefined ? 'older' : query.state?.startsWith('live') ? 'live' : query.state === 'ended' ? 'replays' : 'coming'
    return Promise.resolve({ ...NOTHING, ...lists }[list] ?? page(''))
  }
  const me = () => Promise.reject(new ApiError(401, 'sign_in_needed', ''))
  const mounted = withSetup({ broadcasts, me, setupNeeded: () => Promise.resolve({ needed: false, brand: '' }) }, useLobby)
  await pass()
  return { ...mounted, asked, replays: () => mounted.result.replays.items.value.map((each) => each.id).join('') }
}

it('asks for what is still to come and for published replays, by name', async () => {
  const { asked, unmount } = await lobbyOf({})
  expect(asked).toContainEqual({ state: 'scheduled,rehearsal', overdue: false, limit: 20 })
  expect(asked).toContainEqual({ state: 'ended', replay: 'published', limit: 12 })
  unmount()
})

it('keeps the older replays while it asks again for what is on air and to come', async () => {
  const lists = { live: page(''), replays: page('ab', 'b'), older: page('cd', 'd') }
  const { result, asked, replays, unmount } = await lobbyOf(lists)
  await result.replays.loadMore()
  lists.live = page('l')
  asked.length = 0
  await pass(3 * EVERY + 100)
  expect(result.now.data.value?.live.map((each) => each.id)).toEqual(['l'])
  expect(asked.filter((query) => query.state === 'ended')).toEqual([])
  expect([replays(), result.replays.more.value]).toEqual(['abcd', true])
  unmount()
})

it('begins at the newest replay when pulled down', async () => {
  const lists = { replays: page('ab', 'b'), older: page('cd', 'd') }
  const { result, replays, unmount } = await lobbyOf(lists)
  await result.replays.loadMore()
  lists.replays = page('nab', 'b')
  await result.refresh()
  expect(replays()).toBe('nab')
  unmount()
})

it('shows what is on air when the replays do not come, and gets them when told to try again', async () => {
  let away = true
  const { result, replays, unmount } = await lobbyOf({ live: page('l'), replays: page('a') }, (query) => away && query.state === 'ended')
  expect([result.pending.value, result.empty.value, result.now.data.value?.live.length]).toEqual([false, false, 1])
  expect(result.replays.message.value).toContain('网络')
  away = false
  await result.replays.restart()
  expect([replays(), result.replays.message.value]).toEqual(['a', ''])
  unmount()
})

it('says what kept the older replays away and still offers them', async () => {
  let away = true
  const { result, replays, unmount } = await lobbyOf({ replays: page('a', 'a'), older: page('b') }, (query) => away && query.after !== undefined)
  await result.replays.loadMore()
  expect(result.replays.moreMessage.value).toContain('网络')
  expect([replays(), result.replays.more.value]).toEqual(['a', true])
  away = false
  await result.replays.loadMore()
  expect([replays(), result.replays.more.value]).toEqual(['ab', false])
  unmount()
})

it('is empty only when all lists are known to be', async () => {
  const { result, unmount } = await lobbyOf({})
  expect([result.pending.value, result.empty.value]).toEqual([false, true])
  unmount()
  const other = await lobbyOf({ replays: page('a') })
  expect(other.result.empty.value).toBe(false)
  other.unmount()
})
