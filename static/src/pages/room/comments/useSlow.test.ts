import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'
import { withSetup } from '@/core/testing'
import { Script } from '@/protocol/testing'
import { useSlow } from './useSlow'

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-07-01T02:00:00Z') })
})
afterEach(() => {
  vi.useRealTimers()
})

function slow(seconds: number) {
  const gap = ref(seconds)
  const notBefore = ref(0)
  const { wait, wrote } = withSetup({}, () => useSlow(() => gap.value, notBefore), new Script()).result
  return { gap, notBefore, wait, wrote }
}

it('counts down from one’s own last comment, as long as the room is slow', async () => {
  const { gap, wait, wrote } = slow(10)
  expect(wait.value).toBe(0)
  wrote()
  expect(wait.value).toBe(10)
  await vi.advanceTimersByTimeAsync(4_000)
  expect(wait.value).toBe(6)
  gap.value = 5
  expect(wait.value).toBe(1)
  gap.value = 0
  expect(wait.value).toBe(0)
})

it('believes the server that a comment of another device came before', async () => {
  const { notBefore, wait, wrote } = slow(30)
  wrote()
  notBefore.value = Date.now() + 12_000
  await nextTick()
  expect(wait.value).toBe(12)
  await vi.advanceTimersByTimeAsync(12_000)
  expect(wait.value).toBe(0)
})
