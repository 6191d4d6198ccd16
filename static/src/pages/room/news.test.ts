import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { shallowRef } from 'vue'
import type { Broadcast } from '@/api'

import { newsOf } from './news'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function page(state: Broadcast['state'] = 'live') {
  const broadcast = shallowRef<Broadcast | null>({ state, title: '党课', muted: false, viewers: 3 } as Broadcast)
  const apply = vi.fn((fields: Partial<Broadcast>) => {
    if (broadcast.value !== null) broadcast.value = { ...broadcast.value, ...fields }
  })
  const reload = vi.fn(() => Promise.resolve())
  const { part, stop } = newsOf({ broadcast, apply, reload }, () => 0.5)
  const hear = (data: Record<string, unknown>) => {
    part.entries([{ offset: 1, type: 'broadcast.changed', at: '2026-07-01T06:30:00.000Z', data }])
  }
  return { broadcast, reload, part, hear, stop }
}

it('shows what has changed without asking the server', () => {
  const { broadcast, reload, hear } = page()
  hear({ state: 'live', title: '新的题目', muted: true, replay_published: false, recording: 'none' })
  expect(broadcast.value).toMatchObject({ title: '新的题目', muted: true })
  vi.advanceTimersByTime(60_000)
  expect(reload).not.toHaveBeenCalled()
})

it('asks once, after a moment of its own, for what the news do not hold', () => {
  const { broadcast, reload, hear } = page()
  hear({ state: 'interrupted' })
  hear({ state: 'ended' })
  expect(broadcast.value?.state).toBe('ended')
  vi.advanceTimersByTime(2_999)
  expect(reload).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(reload).toHaveBeenCalledTimes(1)
})

it('asks when there comes to be a replay, and not because it is told of it again', () => {
  const { reload, hear, part } = page('ended')
  part.snapshot({ broadcast: { state: 'ended', replay_published: false, recording: 'sealed' } }, { epoch: 'e', head: 1 })
  hear({ state: 'ended', replay_published: false, recording: 'sealed' })
  vi.advanceTimersByTime(10_000)
  expect(reload).not.toHaveBeenCalled()
  hear({ state: 'ended', replay_published: true, recording: 'sealed' })
  vi.advanceTimersByTime(10_000)
  expect(reload).toHaveBeenCalledTimes(1)
})

it('leaves the rehearsal to those who see it, and shows how many watch', () => {
  const { broadcast, hear, part } = page('rehearsal')
  hear({ state: 'scheduled', muted: true })
  part.signals?.({ channel: 'c', viewers: 315 })
  expect(broadcast.value).toMatchObject({ state: 'rehearsal', muted: true, viewers: 315 })
})

it('asks nothing any more once the page has gone', () => {
  const { reload, hear, stop } = page()
  hear({ state: 'ended' })
  stop()
  vi.advanceTimersByTime(10_000)
  expect(reload).not.toHaveBeenCalled()
})
