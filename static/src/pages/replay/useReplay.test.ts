import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { OfflineError, type Broadcast, type Replay } from '@/api'
import { withSetup } from '@/core/testing'
import { useReplay } from './useReplay'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

let second = 0
const made = (state: Replay['state'], hls: string | null) =>
  ({ id: 'b', state: 'ended', replay: { state, hls }, can: { manage: false }, server_time: new Date((second += 1000)).toISOString() }) as Broadcast

it('finds the replay seconds after it is finished, then asks seldom again', async () => {
  const answer = vi.fn(() => Promise.resolve(made('preparing', null)))
  const { result, unmount } = withSetup({ broadcast: answer }, () => useReplay('b'))
  await vi.advanceTimersByTimeAsync(0)
  expect(result.stage.value).toBe('preparing')
  answer.mockImplementation(() => Promise.resolve(made('published', '/hls/b/replay.m3u8')))
  await vi.advanceTimersByTimeAsync(2_000)
  expect(result.stage.value).toBe('playable')
  const asked = answer.mock.calls.length
  await vi.advanceTimersByTimeAsync(7_000)
  expect(answer.mock.calls.length).toBe(asked)
  unmount()
})

it.each(['withheld', 'none'] as const)('keeps looking for a replay that is %s, and shows it when the host publishes', async (state) => {
  const answer = vi.fn(() => Promise.resolve(made(state, null)))
  const { result, unmount } = withSetup({ broadcast: answer }, () => useReplay('b'))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(answer).toHaveBeenCalledTimes(13)
  expect(result.stage.value).not.toBe('playable')
  answer.mockImplementation(() => Promise.resolve(made('published', '/hls/b/replay.m3u8')))
  await vi.advanceTimersByTimeAsync(5_000)
  expect(result.stage.value).toBe('playable')
  unmount()
})

it('goes on looking after the network was away, and rests while nobody sees the page', async () => {
  const answer = vi.fn(() => Promise.resolve(made('withheld', null)))
  const { result, unmount } = withSetup({ broadcast: answer }, () => useReplay('b'))
  await vi.advanceTimersByTimeAsync(0)
  answer.mockRejectedValue(new OfflineError())
  await vi.advanceTimersByTimeAsync(30_000)
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
  document.dispatchEvent(new Event('visibilitychange'))
  const asked = answer.mock.calls.length
  answer.mockImplementation(() => Promise.resolve(made('published', '/hls/b/replay.m3u8')))
  await vi.advanceTimersByTimeAsync(60_000)
  expect(answer).toHaveBeenCalledTimes(asked)
  hidden.mockReturnValue(false)
  document.dispatchEvent(new Event('visibilitychange'))
  await vi.advanceTimersByTimeAsync(0)
  expect(result.stage.value).toBe('playable')
  unmount()
})
