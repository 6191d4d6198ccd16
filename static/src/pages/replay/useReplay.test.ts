import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Broadcast, Replay } from '@/api'
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
