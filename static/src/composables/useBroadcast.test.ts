import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiError, OfflineError, type Broadcast } from '@/api'
import { withSetup } from '@/core/testing'
import { useBroadcast } from './useBroadcast'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
let second = 0
const live = (state: Broadcast['state'] = 'live') => ({ id: 'b', state, server_time: new Date((second += 1000)).toISOString() }) as Broadcast

it('pitfall 28: asks every three seconds on air while no live connection tells, and slower afterwards', async () => {
  const answer = vi.fn(() => Promise.resolve(live()))
  const { unmount } = withSetup({ broadcast: answer }, () => useBroadcast('b'))
  await pass(9_100)
  expect(answer).toHaveBeenCalledTimes(4)
  answer.mockImplementation(() => Promise.resolve(live('ended')))
  await pass(3_000)
  await pass(9_000)
  expect(answer).toHaveBeenCalledTimes(5)
  unmount()
})

it('pitfall 28: rests while the page is hidden and asks at once when it is seen again', async () => {
  const answer = vi.fn(() => Promise.resolve(live()))
  const { unmount } = withSetup({ broadcast: answer }, () => useBroadcast('b'))
  await pass(0)
  const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(true)
  document.dispatchEvent(new Event('visibilitychange'))
  await pass(30_000)
  expect(answer).toHaveBeenCalledTimes(1)
  hidden.mockReturnValue(false)
  document.dispatchEvent(new Event('visibilitychange'))
  await pass(0)
  expect(answer).toHaveBeenCalledTimes(2)
  unmount()
})

it('keeps the last state while the network is away', async () => {
  const answer = vi.fn(() => Promise.resolve(live()))
  const { result, unmount } = withSetup({ broadcast: answer }, () => useBroadcast('b'))
  await pass(0)
  answer.mockRejectedValue(new OfflineError())
  await pass(6_000)
  expect(result.broadcast.value?.state).toBe('live')
  expect(result.message.value).toBe('')
  unmount()
})

it('shows nothing any more once the right is gone', async () => {
  const answer = vi.fn(() => Promise.resolve(live()))
  const { result, unmount } = withSetup({ broadcast: answer }, () => useBroadcast('b'))
  await pass(0)
  answer.mockRejectedValue(new ApiError(404, 'not_found', ''))
  await pass(3_000)
  expect(result.missing.value).toBe(true)
  expect(result.broadcast.value).toBeNull()
  unmount()
})

it('never goes back to an older answer', async () => {
  const { result, unmount } = withSetup({ broadcast: () => Promise.resolve(live()) }, () => useBroadcast('b'))
  await pass(0)
  const older = live('scheduled')
  result.take(live('ended'))
  result.take(older)
  expect(result.broadcast.value?.state).toBe('ended')
  unmount()
})
