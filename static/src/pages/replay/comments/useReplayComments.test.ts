import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { OfflineError, type Api } from '@/api'
import { withSetup } from '@/core/testing'
import type { Entry } from '@/protocol'
import { useReplayComments } from './useReplayComments'

const iso = (ms: number) => new Date(ms).toISOString()
/** One comment a second. */
const SAID: Entry[] = Array.from({ length: 1_000 }, (_, index) => ({
  offset: index + 1,
  type: 'comment.posted',
  at: iso(index * 1_000),
  media_at: iso(index * 1_000),
  by: { id: 'other', name: '封书瑶' },
  data: { id: `c${index + 1}`, text: String(index) },
}))
let asked: object[]
let broken: boolean

/** As the server pages. */
const api: Partial<Api> = {
  commentsByMoment: (_id, { after, before, limit }) => {
    asked.push({ after, before })
    if (broken) return Promise.reject(new OfflineError())
    const [ms = 0, offset] = (after ?? before ?? '0').split('.').map(Number)
    const at = (entry: Entry) => Date.parse(entry.media_at ?? '')
    if (before !== undefined) {
      const all = SAID.filter((each) => at(each) < ms || (at(each) === ms && offset !== undefined && each.offset < offset))
      return Promise.resolve({ items: all.slice(-limit), next: all.length > limit ? 'more' : null })
    }
    const all = SAID.filter((each) => at(each) > ms || (at(each) === ms && offset !== undefined && each.offset > offset))
    return Promise.resolve({ items: all.slice(0, limit), next: all.length > limit ? 'more' : null })
  },
}

beforeEach(() => {
  vi.useFakeTimers()
  asked = []
  broken = false
})
afterEach(() => {
  vi.useRealTimers()
})

async function watching(moment: number | null) {
  const picture = { moment }
  const { result, unmount } = withSetup(api, () => useReplayComments('b', () => picture.moment, () => true))
  const play = async (to: number) => {
    picture.moment = to
    await vi.advanceTimersByTimeAsync(300)
  }
  await vi.advanceTimersByTimeAsync(300)
  const texts = () => result.comments.value.map(({ text }) => text)
  return { room: result, play, texts, last: () => texts()[texts().length - 1], unmount }
}

it('shows what was said up to the picture, and the next comment when the picture reaches it', async () => {
  const { room, play, texts, last, unmount } = await watching(500_000)
  expect(last()).toBe('500')
  expect(texts()).toHaveLength(100)
  await play(501_999)
  expect(last()).toBe('501')
  await play(502_000)
  expect(last()).toBe('502')
  expect(room.state.value.back).toBe(false)
  unmount()
})

it('reads on page by page, ahead of the picture, and never all at once', async () => {
  const { play, last, texts, unmount } = await watching(0)
  for (let second = 0; second <= 400; second += 5) await play(second * 1_000)
  expect(last()).toBe('400')
  expect(texts()[0]).toBe('101')
  expect(asked.length).toBeLessThan(9)
  unmount()
})

it('follows a jump in either direction', async () => {
  const { room, play, last, texts, unmount } = await watching(100_000)
  room.jumped()
  await play(900_000)
  await play(900_000)
  expect(last()).toBe('900')
  room.jumped()
  await play(3_000)
  await play(3_000)
  expect(texts()).toEqual(['0', '1', '2', '3'])
  expect(room.state.value.atStart).toBe(true)
  unmount()
})

it('lets somebody read further back in peace, until they come back', async () => {
  const { room, play, last, texts, unmount } = await watching(500_000)
  room.turn(true)
  await room.earlier.load()
  expect(texts()[0]).toBe('301')
  await play(505_000)
  expect(last()).toBe('505')
  expect(texts()[0]).toBe('301')
  room.turn(false)
  expect(last()).toBe('505')
  expect(texts()[0]).not.toBe('301')
  unmount()
})

it('leaves a reader alone for whom too much has come, and leads on page by page', async () => {
  const { room, play, last, unmount } = await watching(100_000)
  room.turn(true)
  for (let second = 100; second < 999; second += 20) await play(second * 1_000)
  await play(999_000)
  expect(room.state.value.detached).toBe(true)
  const reached = Number(last())
  await room.later.load()
  expect(Number(last())).toBeGreaterThan(reached)
  room.turn(false)
  expect(last()).toBe('999')
  unmount()
})

it('shows no words any more that are taken back meanwhile', async () => {
  const { room, texts, play, last, unmount } = await watching(500_000)
  const removal = (offset: number): Entry => ({ offset: 2_000 + offset, type: 'comment.removed', at: iso(0), data: { id: `c${offset}`, redacts: offset, left: { removed: 'host' } } })
  room.part.entries([removal(501), removal(502)])
  expect(texts()).not.toContain('500')
  expect(room.around.value.map(({ text }) => text)).not.toContain('501')
  await play(501_000)
  expect(last()).toBe('')
  unmount()
})

it('says why there is nothing, and goes on when the network is back', async () => {
  broken = true
  const { room, last, play, unmount } = await watching(500_000)
  expect(room.ready.value).toBe(false)
  expect(room.refused.value).not.toBe('')
  broken = false
  await vi.advanceTimersByTimeAsync(3_500)
  await play(500_000)
  expect(last()).toBe('500')
  expect(room.refused.value).toBe('')
  unmount()
})

it('asks nothing before the picture has a moment', async () => {
  const { unmount } = await watching(null)
  expect(asked).toEqual([])
  unmount()
})
