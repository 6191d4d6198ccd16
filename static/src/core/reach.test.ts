import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { createReach } from './reach'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('asks until the server answers, and counts the return', async () => {
  const answers = [false, false, true]
  const probe = vi.fn(() => Promise.resolve(answers.shift() ?? true))
  const reach = createReach(probe)
  reach.report(false)
  expect(reach.online.value).toBe(false)
  await vi.advanceTimersByTimeAsync(9_100)
  expect(probe).toHaveBeenCalledTimes(3)
  expect(reach.online.value).toBe(true)
  expect(reach.returns.value).toBe(1)
})

it('stops asking when another request got through first', async () => {
  const probe = vi.fn(() => Promise.resolve(false))
  const reach = createReach(probe)
  reach.report(false)
  reach.report(true)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(probe).not.toHaveBeenCalled()
})
