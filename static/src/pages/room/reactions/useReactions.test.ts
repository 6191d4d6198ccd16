import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { withSetup } from '@/core/testing'
import type { Wire } from '@/protocol/wire'
import { Tally } from './tally'
import { useReactions } from './useReactions'

beforeEach(() => {
  vi.useFakeTimers()
  localStorage.clear()
})
afterEach(() => {
  vi.useRealTimers()
})

function reacting(answer: () => unknown = () => ({ ok: true })) {
  const sent: { kind: string; count: number; client_id: string }[] = []
  const wire: Wire = {
    connected: true,
    open: () => undefined,
    close: () => undefined,
    on: () => undefined,
    call: (_event, payload) => {
      sent.push(payload as (typeof sent)[number])
      return Promise.resolve(answer())
    },
  }
  const { result, unmount } = withSetup({}, () => useReactions('b'), wire)
  const bursts: [string, number][] = []
  result.onBurst((kind, count) => bursts.push([kind, count]))
  return { result, sent, bursts, unmount, hear: (reactions: object) => result.part.signals?.({ channel: 'c', reactions }) }
}

it('shows a tap at once and sends what was tapped within a second as one batch', async () => {
  const { result, sent, bursts, unmount } = reacting()
  for (let tap = 0; tap < 7; tap += 1) result.tap('like')
  result.tap('heart')
  expect(result.sum.value).toBe(8)
  expect(bursts).toHaveLength(8)
  expect(sent).toEqual([])
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent.map(({ kind, count }) => [kind, count])).toEqual([['like', 7], ['heart', 1]])
  expect(new Set(sent.map(({ client_id: id }) => id)).size).toBe(2)
  unmount()
})

it('sends what still waits when the page is left', () => {
  const { result, sent, unmount } = reacting()
  result.tap()
  unmount()
  expect(sent).toHaveLength(1)
})

it('shows what others have added, not what was there and not its own taps twice', async () => {
  const { result, bursts, hear, unmount } = reacting()
  hear({ like: 100 })
  expect([result.sum.value, bursts]).toEqual([100, []])
  for (let tap = 0; tap < 3; tap += 1) result.tap('like')
  bursts.length = 0
  await vi.advanceTimersByTimeAsync(1_000)
  hear({ like: 108, flower: 2 })
  expect(bursts).toEqual([['like', 5], ['flower', 2]])
  expect(result.sum.value).toBe(110)
  unmount()
})

it('counts no more than a finger can', async () => {
  const { result, sent, unmount } = reacting()
  for (let tap = 0; tap < 500; tap += 1) result.tap()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(sent.map(({ count }) => count)).toEqual([18])
  unmount()
})

it('takes back what the server refuses for good', async () => {
  const { result, unmount } = reacting(() => ({ ok: false, error: { code: 'reactions_closed', message: '不在直播中' } }))
  result.tap()
  await vi.advanceTimersByTimeAsync(1_000)
  expect(result.sum.value).toBe(0)
  unmount()
})

it('remembers the kind and whether bursts are wanted', () => {
  const one = reacting()
  one.result.choose('flower')
  one.result.setBursts(false)
  one.unmount()
  const two = reacting()
  expect([two.result.kind.value, two.result.bursts.value]).toEqual(['flower', false])
  two.unmount()
})

it('never shows less than nothing when totals jump', () => {
  const tally = new Tally()
  tally.tell({ like: 5 })
  tally.tap('like')
  expect(tally.tell({ like: 3 })).toEqual({})
  expect(tally.sum).toBe(4)
})
