import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { effectScope, type EffectScope } from 'vue'
import { ApiError, OfflineError, type Api, type Me } from '@/api'
import { createKeptCodes } from './kept-codes'
import { createReach } from './reach'
import { createSession } from './session'

type Claim = Api['claimCheckIn']
const me = (id: string): Me => ({ member: { id }, roles: [], csrf: '', brand: '' }) as unknown as Me
const flush = () => new Promise((resolve) => setTimeout(resolve))
const KEPT = { code: '123456', at: '2026-07-01T00:00:00Z', title: '主题党日' }
let scope: EffectScope

beforeEach(() => {
  scope = effectScope()
})

afterEach(() => {
  scope.stop()
  localStorage.clear()
})

/** The app of one member, as it starts. */
async function started(claimCheckIn: Claim, id = 'm') {
  const session = createSession({ me: () => Promise.resolve(me(id)) } as unknown as Api)
  await session.reload()
  const reach = createReach(() => Promise.resolve(true))
  const codes = scope.run(() => createKeptCodes({ claimCheckIn }, session, reach))
  if (codes === undefined) throw new Error('no scope')
  await flush()
  return { codes, reach, session }
}

const away: Claim = () => Promise.reject(new OfflineError())

it('hands over what was kept when the app starts, once, and says what became of it', async () => {
  const { codes } = await started(away)
  expect(codes.keep('a', KEPT)).toBe(true)
  const claim = vi.fn<Claim>().mockResolvedValue({ state: 'waiting', reason: '' })
  const next = await started(claim)
  expect(claim.mock.calls).toEqual([['a', '123456', KEPT.at]])
  expect(next.codes.news.value).toEqual([{ activity: 'a', title: '主题党日', claim: { state: 'waiting', reason: '' }, refusal: '' }])
  const reloaded = await started(claim)
  expect(reloaded.codes.news.value, 'the page that heard it may have been left').toEqual(next.codes.news.value)
  next.codes.dismiss('a')
  expect([next.codes.news.value, next.codes.answers.value['a']?.claim?.state]).toEqual([[], 'waiting'])
  expect((await started(claim)).codes.news.value).toEqual([])
  expect(claim).toHaveBeenCalledTimes(1)
})

it('hands it over when the network is back, wherever one is', async () => {
  const claim = vi.fn<Claim>().mockRejectedValueOnce(new OfflineError()).mockResolvedValue({ state: 'present', reason: '' })
  const { codes } = await started(claim)
  codes.keep('a', KEPT)
  await codes.send()
  expect(codes.waiting.value['a']).toEqual(KEPT)
  window.dispatchEvent(new Event('online'))
  await flush()
  expect([codes.waiting.value, codes.news.value[0]?.claim?.state]).toEqual([{}, 'present'])
})

it.each([401, 403, 404, 408, 429, 500, 502, 503])('goes on keeping it after %i', async (status) => {
  const { codes } = await started(() => Promise.reject(new ApiError(status, 'refused', '现在不行')))
  codes.keep('a', KEPT)
  await codes.send()
  expect([codes.waiting.value['a'], codes.news.value]).toEqual([KEPT, []])
})

it.each([400, 409, 422])('forgets it after %i, with the reason', async (status) => {
  const { codes } = await started(() => Promise.reject(new ApiError(status, 'refused', '手机的时间不对')))
  codes.keep('a', KEPT)
  await codes.send()
  expect([codes.waiting.value, codes.news.value[0]?.refusal]).toEqual([{}, '手机的时间不对'])
})

it('leaves alone what another member has kept on the same phone', async () => {
  const { codes } = await started(away)
  codes.keep('a', KEPT)
  const claim = vi.fn<Claim>().mockResolvedValue({ state: 'waiting', reason: '' })
  const other = await started(claim, 'n')
  expect([claim.mock.calls, other.codes.waiting.value]).toEqual([[], {}])
})
