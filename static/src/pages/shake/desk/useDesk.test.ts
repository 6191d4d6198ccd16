import { beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { ApiError, type Api, type Me, type ShakeDesk } from '@/api'
import { withSetup } from '@/core/testing'
import type { Entry } from '@/protocol'
import { Script, settled } from '@/protocol/testing'
import { createKept } from '../kept'
import type { Standing } from '../standing'
import type { Nonces } from './nonces'
import { stepOf } from './step'
import { useDesk } from './useDesk'

const ME = { member: { id: 'm1', name: '苏映川', status: 'full' }, roles: ['committee_secretary'], csrf: '', public_broadcasts: false, organisation: null, brand: '' } as unknown as Me
const BY = { id: 'm1', name: '苏映川' }
const OPENS = Date.parse('2026-07-01T12:00:00.000Z')
const ROUND = { number: 1, state: 'open', by: BY, nonce_commitment: 'bb', nonce: null, opened_at: '2026-07-01T12:00:00.000Z', closes_at: '2026-07-01T12:00:30.000Z', size: null, total_weight: null, list_hash: null, draws: [] }
const session = (...rounds: object[]) => ({ id: 's', title: '七月', state: 'open', opens_at: '2026-07-01T12:00:00.000Z', closes_at: '2026-07-01T13:00:00.000Z', secretaries: [BY], branches: null, most_rounds: 2, round_seconds: 30, seed_commitment: 'aa', receipt_key: '04', seed: null, rounds }) as unknown as Standing
const closed = { offset: 2, type: 'shake.round_closed', at: '', data: { round: 1, state: 'closed', size: 3, total_weight: 3, list_hash: 'cc' } } as unknown as Entry

beforeEach(() => {
  localStorage.clear()
})

/** What another browser, or this one before a reload, has kept. */
function keeping(...known: string[]): Nonces {
  const all = new Map(known.map((commitment) => [commitment, `nonce of ${commitment}`]))
  return {
    make: () => {
      all.set('made', 'nonce of made')
      return Promise.resolve({ commitment: 'made', lasting: true })
    },
    find: (commitment) => Promise.resolve(all.get(commitment) ?? null),
    drop: (commitment) => {
      all.delete(commitment)
      return Promise.resolve()
    },
  }
}

async function at(standing: Standing, nonces: Nonces, more: Partial<Api> = {}) {
  const wire = new Script()
  wire.own = {}
  const api: Partial<Api> = {
    me: () => Promise.resolve(ME),
    shakeDesk: () => Promise.resolve({ rounds: [], offer: null, talk: null, talks: [], figures: {}, replacements: 3, may_draw: true } as unknown as ShakeDesk),
    prepareRound: vi.fn<Api['prepareRound']>(() => Promise.resolve({ number: 1 } as never)),
    openRound: vi.fn<Api['openRound']>(() => Promise.resolve({} as never)),
    revealRound: vi.fn<Api['revealRound']>(() => Promise.resolve({} as never)),
    ...more,
  }
  const { result, context, unmount } = withSetup(api, () => useDesk('s', nonces), wire)
  await context.session.ready()
  await nextTick()
  wire.answers.push(() => ({ ok: true, epoch: 'e', head: 1, recovered: false, entries: [], snapshot: { shake: standing } }))
  wire.rise()
  await settled()
  await settled()
  return { wire, api, desk: result, unmount, say: (...entries: Entry[]) => { wire.say('entries', { channel: 'shake:s', epoch: 'e', first: entries[0]!.offset, entries }) } }
}

it('commits to a nonce before it opens a round', async () => {
  const { api, desk, unmount } = await at(session(), keeping())
  await desk.begin()
  expect(api.prepareRound).toHaveBeenCalledWith('s', 'made')
  expect(api.openRound).toHaveBeenCalledWith('s', 1)
  expect(desk.lasting.value).toBe(true)
  unmount()
})

it('opens the round that it had prepared before a reload, and makes another for one of which it knows nothing', async () => {
  const own = await at(session({ ...ROUND, state: 'prepared', opened_at: null, closes_at: null }), keeping('bb'))
  await own.desk.begin()
  expect(own.api.prepareRound).not.toHaveBeenCalled()
  expect(own.api.openRound).toHaveBeenCalledWith('s', 1)
  own.unmount()
  const strange = await at(session({ ...ROUND, state: 'prepared', opened_at: null, closes_at: null }), keeping())
  await strange.desk.begin()
  expect(strange.api.prepareRound).toHaveBeenCalledWith('s', 'made')
  strange.unmount()
})

it('tells the nonce by itself once the list is closed, also after a reload', async () => {
  const { api, desk, say, unmount } = await at(session(ROUND), keeping('bb'))
  expect(api.revealRound).not.toHaveBeenCalled()
  say(closed)
  await settled()
  expect(api.revealRound).toHaveBeenCalledWith('s', 1, 'nonce of bb')
  expect(desk.revealing.value).toBe('idle')
  unmount()
  const reloaded = await at(session({ ...ROUND, state: 'closed', list_hash: 'cc', size: 3 }), keeping('bb'))
  expect(reloaded.api.revealRound).toHaveBeenCalledWith('s', 1, 'nonce of bb')
  reloaded.unmount()
})

it('notes which list it is before it tells the nonce, and tells none where there is no list', async () => {
  let noted: unknown
  const revealRound = vi.fn<Api['revealRound']>(() => {
    noted = createKept('m1').read('s')?.lists
    return Promise.resolve({} as never)
  })
  const { say, unmount } = await at(session(ROUND), keeping('bb'), { revealRound })
  say({ ...closed, data: { ...closed.data, list_hash: null } })
  await settled()
  expect(revealRound).not.toHaveBeenCalled()
  say({ ...closed, offset: 3 })
  await settled()
  expect(noted).toEqual({ 1: 'cc' })
  // A server that has looked for another list since, with the nonce in hand, is found out by the proof page of this device.
  say({ ...closed, offset: 4, data: { ...closed.data, list_hash: 'dd' } })
  await settled()
  expect(createKept('m1').read('s')?.lists).toEqual({ 1: 'cc' })
  unmount()
})

it('says where the nonce lies in another browser, and tells nobody else’s', async () => {
  const elsewhere = await at(session({ ...ROUND, state: 'closed', list_hash: 'cc', size: 3 }), keeping())
  expect(elsewhere.desk.revealing.value).toBe('elsewhere')
  elsewhere.unmount()
  const other = await at(session({ ...ROUND, by: { id: 'm2', name: '闻' }, state: 'closed', list_hash: 'cc', size: 3 }), keeping('bb'))
  expect(other.api.revealRound).not.toHaveBeenCalled()
  other.unmount()
})

it('tries again while the server is away, and not where it has said no', async () => {
  vi.useFakeTimers()
  const later = vi.fn<Api['revealRound']>().mockRejectedValueOnce(new Error('away')).mockResolvedValue({} as never)
  const pending = at(session({ ...ROUND, state: 'closed', list_hash: 'cc', size: 3 }), keeping('bb'), { revealRound: later })
  await vi.advanceTimersByTimeAsync(100)
  const { unmount } = await pending
  expect(later).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(later).toHaveBeenCalledTimes(2)
  unmount()
  vi.useRealTimers()
  const never = vi.fn<Api['revealRound']>().mockRejectedValue(new ApiError(409, 'round_void', '这一轮已作废', {}, null, {}))
  const { desk, unmount: leave } = await at(session({ ...ROUND, state: 'closed', list_hash: 'cc', size: 3 }), keeping('bb'), { revealRound: never })
  expect([desk.revealing.value, desk.fault.value]).toEqual(['refused', '这一轮已作废'])
  leave()
})

it('offers what comes next', () => {
  const free = { offer: null, talk: null, may_draw: true }
  const step = (standing: Standing, now = OPENS + 1000, desk: Pick<ShakeDesk, 'offer' | 'talk' | 'may_draw'> = free) => stepOf(standing, desk, 'm1', now, 7, 'idle')
  const drawn = { ...ROUND, state: 'revealed', size: 2, draws: [{ n: 1, pseudonym: 'p1', state: 'declined', secretary: BY, answer_by: null }] }
  expect(step(session(), OPENS - 5000)).toMatchObject({ title: '5 秒', act: 'none' })
  expect(step(session())).toMatchObject({ act: 'begin', again: false })
  expect(step(session(ROUND))).toMatchObject({ title: '7 人', act: 'none' })
  expect(step(session(ROUND), OPENS + 31_000).title).toBe('封存名单')
  expect(step(session(drawn))).toMatchObject({ act: 'draw', again: true })
  expect(step(session({ ...drawn, size: 1 }))).toMatchObject({ act: 'begin' })
  const spent = step(session(drawn), OPENS + 1000, { ...free, may_draw: false })
  expect([spent.act, spent.words.slice(0, 8)]).toEqual(['begin', '您撤回的次数多了'])
  expect(step(session({ ...drawn, size: 1 }, { ...drawn, number: 2, size: 1 })).title).toBe('轮次用完')
  expect(step(session(drawn), OPENS + 3_700_000).title).toBe('时间已到')
  expect(step(session(drawn), OPENS, { ...free, offer: {} as never }).title).toBe('已抽到一位')
  expect(step(session(drawn), OPENS, { ...free, talk: {} as never }).title).toBe('正在聊')
  expect(stepOf(session({ ...ROUND, state: 'closed' }), free, 'm1', OPENS, 0, 'elsewhere').title).toBe('请换设备')
})
