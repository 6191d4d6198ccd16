import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { Me, OwnMute } from '@/api'
import { withSetup } from '@/core/testing'
import { Script } from '@/protocol/testing'
import { useOwnMutes } from './useOwnMutes'

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-07-01T02:00:00Z') })
})
afterEach(() => {
  vi.useRealTimers()
})
const ME = { member: { id: 'me', name: '林晓' }, roles: [], csrf: '', public_broadcasts: false, organisation: null, brand: '' } as unknown as Me
const mute = (scope: string | null, more: Partial<OwnMute> = {}): OwnMute => ({ id: `m${scope ?? ''}`, scope, at: '', until: null, reason: '', ...more })
const told = (type: 'mute.set' | 'mute.lifted', offset: number, data: OwnMute) => ({ channel: 'member:me', epoch: 'm', first: offset, entries: [{ offset, type, at: '', data: { ...data } }] })

async function writer(set: OwnMute[]) {
  const wire = new Script()
  wire.own = { mutes: { set } }
  const mounted = withSetup({ me: () => Promise.resolve(ME) }, () => useOwnMutes('b'), wire)
  await mounted.context.session.ready()
  await nextTick()
  wire.rise()
  await vi.advanceTimersByTimeAsync(10)
  return { muted: mounted.result, wire }
}

it('says until when and why, and nothing any more when the time is over', async () => {
  const { muted } = await writer([mute('b', { until: '2026-07-01T02:10:00Z', reason: '刷屏' })])
  expect(muted.value).toMatch(/^您已被禁言，今天 \d\d:10 之前不能在本场直播发言。原因：刷屏$/)
  await vi.advanceTimersByTimeAsync(9 * 60_000)
  expect(muted.value).not.toBe('')
  await vi.advanceTimersByTimeAsync(61_000)
  expect(muted.value).toBe('')
})

it('hears of it live, of this room and of all rooms, but not of another one', async () => {
  const { muted, wire } = await writer([mute('another')])
  expect(muted.value).toBe('')
  wire.say('entries', told('mute.set', 11, mute('b')))
  expect(muted.value).toBe('您已被禁言，本场直播结束之前不能在本场直播发言')
  wire.say('entries', told('mute.set', 12, mute(null, { reason: '多次违规' })))
  expect(muted.value).toBe('您已被禁言，解除之前不能在所有直播间发言。原因：多次违规')
  wire.say('entries', told('mute.lifted', 13, mute(null)))
  expect(muted.value).toContain('本场直播')
  wire.say('entries', told('mute.lifted', 14, mute('b')))
  expect(muted.value).toBe('')
})
