import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Case, Me, Mute } from '@/api'
import { withSetup } from '@/core/testing'
import type { Entry } from '@/protocol'
import { usePeople } from './usePeople'

beforeEach(() => {
  vi.useFakeTimers({ now: new Date('2026-07-01T02:00:00Z') })
})
afterEach(() => {
  vi.useRealTimers()
})
const me = (...roles: string[]) => ({ member: { id: 'me', name: '桑见远' }, roles, csrf: '', public_broadcasts: false, organisation: null, brand: '' }) as unknown as Me
const mute = (id: string, who: string, more: Partial<Mute> = {}): Mute => ({ id, scope: 'b', member: { id: who, name: who, badge: null }, at: '', until: null, reason: '', by: { id: 'me', name: '桑见远', badge: null }, ...more })
const report = (id: string, count: number, urgent = false): Case => ({ id, scope: 'b', kind: 'comment', author: { id: 'x', name: '闻小满', badge: null }, text: id, at: '', media_at: null, hits: [], count, reasons: { spam: count }, urgent, state: 'open', decided: null })
const entry = (type: string, data: object): Entry => ({ offset: 2, type, at: '', data: { ...data } })

async function people(roles: string[], everywhere: Mute[] = []) {
  const mutes = vi.fn(() => Promise.resolve({ items: everywhere, next: null }))
  const liftMute = vi.fn(() => Promise.resolve(undefined))
  const mounted = withSetup({ me: () => Promise.resolve(me(...roles)), mutes, liftMute }, () => usePeople())
  await mounted.context.session.ready()
  await mounted.result.again()
  return { ...mounted, desk: mounted.result, mutes, liftMute }
}

it('puts on top what three people have reported, then what more have', async () => {
  const { desk } = await people(['moderator'])
  desk.part.snapshot({ reports: { open: [report('1', 1), report('2', 2)] } }, { epoch: 'e', head: 1 })
  expect(desk.cases.value.map(({ id }) => id)).toEqual(['2', '1'])
  desk.part.entries([entry('report.filed', report('1', 3, true)), entry('report.filed', report('3', 1))])
  expect(desk.cases.value.map(({ id }) => id)).toEqual(['1', '2', '3'])
  desk.part.entries([entry('report.settled', { ...report('1', 3, true), state: 'removed' })])
  expect(desk.cases.value.map(({ id }) => id)).toEqual(['2', '3'])
})

it('shows who is muted here and everywhere, and nobody whose time is over', async () => {
  const { desk, liftMute, mutes } = await people(['moderator'], [mute('m9', '丙', { scope: null })])
  desk.part.snapshot({ mutes: { set: [mute('m1', '甲', { until: '2026-07-01T02:10:00Z' })] } }, { epoch: 'e', head: 1 })
  desk.part.entries([entry('mute.set', mute('m2', '乙'))])
  const names = () => desk.mutes.value.map(({ member }) => member.name)
  expect(names()).toEqual(['乙', '甲', '丙'])
  await vi.advanceTimersByTimeAsync(11 * 60_000)
  expect(names()).toEqual(['乙', '丙'])
  desk.part.entries([entry('mute.lifted', mute('m2', '乙'))])
  expect(names()).toEqual(['丙'])
  await desk.lift(desk.mutes.value[0]!)
  expect(liftMute).toHaveBeenCalledExactlyOnceWith('m9')
  expect(mutes).toHaveBeenCalledWith(null, { limit: 100 })
})

it('does not ask for what a host may not see', async () => {
  const { mutes } = await people(['red_host'])
  expect(mutes).not.toHaveBeenCalled()
})
