import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiError, OfflineError, type Api, type Held, type HeldOutcome, type Me } from '@/api'
import { withSetup } from '@/core/testing'
import type { Entry } from '@/protocol'
import { useQueue } from './useQueue'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const ME = { member: { id: 'me', name: '桑见远' }, roles: ['moderator'], csrf: '', public_broadcasts: false, organisation: null, brand: '' } as unknown as Me
const held = (id: string, more: Partial<Held> = {}): Held => ({
  id, scope: 'b', kind: 'comment', text: `话${id}`, at: '', media_at: null, reply_to: null, reply_name: null, state: 'held', reason: '',
  author: { id: 'x', name: '闻小满', badge: null }, why: 'pre_moderated', hits: [], decided: null, ...more,
})
const done = (ids: readonly string[]): { items: HeldOutcome[] } => ({ items: ids.map((id) => ({ id, held: held(id, { state: 'approved' }), code: null, message: null, state: null, by: null })) })
const entry = (type: string, data: Held): Entry => ({ offset: 9, type, at: '', data: { ...data } })

async function sitting(ids: string[], decideHeld: Api['decideHeld'] = (some) => Promise.resolve(done(some))) {
  const calls = vi.fn(decideHeld)
  const mounted = withSetup({ me: () => Promise.resolve(ME), decideHeld: calls }, () => useQueue())
  await mounted.context.session.ready()
  mounted.result.part.snapshot({ held: { waiting: ids.map((id) => held(id)) } }, { epoch: 'e', head: 1 })
  const shown = () => mounted.result.rows.value.map(({ id }) => id)
  return { ...mounted, desk: mounted.result, calls, shown }
}

it('sends each decision five seconds after it was made, whatever was decided since', async () => {
  const { desk, calls, shown } = await sitting(['1', '2'])
  desk.decide(['1'], 'approve')
  await vi.advanceTimersByTimeAsync(2_000)
  desk.decide(['2'], 'reject')
  desk.explain('广告或刷屏')
  expect(shown()).toEqual([])
  await vi.advanceTimersByTimeAsync(2_900)
  expect(calls).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(300)
  expect(calls).toHaveBeenCalledExactlyOnceWith(['1'], 'approve', '', false)
  await vi.advanceTimersByTimeAsync(2_000)
  expect(calls).toHaveBeenLastCalledWith(['2'], 'reject', '广告或刷屏', false)
})

it('takes back what was not sent, and then sends nothing', async () => {
  const { desk, calls, shown } = await sitting(['1'])
  desk.decide(['1'], 'reject')
  await vi.advanceTimersByTimeAsync(4_900)
  expect(desk.undo()).toBe(true)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(shown()).toEqual(['1'])
  expect(calls).not.toHaveBeenCalled()
})

it('waits while somebody points at it', async () => {
  const { desk, calls } = await sitting(['1'])
  desk.decide(['1'], 'approve')
  await vi.advanceTimersByTimeAsync(3_000)
  desk.hold()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(desk.seconds.value).toBe(2)
  desk.release()
  await vi.advanceTimersByTimeAsync(1_900)
  expect(calls).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(400)
  expect(calls).toHaveBeenCalledOnce()
})

it.each([
  ['the page goes', () => { window.dispatchEvent(new Event('pagehide')) }],
  ['another page is opened', (unmount: () => void) => { unmount() }],
])('sends what is pending when %s, so that it outlives the page', async (_, leave) => {
  const { desk, calls, unmount } = await sitting(['1', '2', '3'])
  desk.decide(['1'], 'approve')
  desk.decide(['2'], 'approve')
  desk.decide(['3'], 'reject')
  leave(unmount)
  expect(calls.mock.calls).toEqual([
    [['1', '2'], 'approve', '', true],
    [['3'], 'reject', '', true],
  ])
})

it('sends again what the network kept back, and says so meanwhile', async () => {
  const answers = [() => Promise.reject(new OfflineError()), () => Promise.reject(new ApiError(503, 'busy', '')), (ids: readonly string[]) => Promise.resolve(done(ids))]
  const { desk, calls, shown } = await sitting(['1'], (ids) => answers.shift()!(ids))
  desk.decide(['1'], 'approve')
  await vi.advanceTimersByTimeAsync(5_200)
  expect(desk.stuck.value).toEqual([{ ids: ['1'], verdict: 'approve', reason: '' }])
  expect(shown()).toEqual([])
  await vi.advanceTimersByTimeAsync(7_000)
  expect(calls).toHaveBeenCalledTimes(3)
  expect(desk.stuck.value).toEqual([])
})

it('shows again what the server would not have decided, and says why', async () => {
  const { desk, shown } = await sitting(['1'], () => Promise.reject(new ApiError(403, 'keeper_needed', '只有主播、联合主播和审核员可以管理直播间')))
  desk.decide(['1'], 'approve')
  await vi.advanceTimersByTimeAsync(5_200)
  expect(shown()).toEqual(['1'])
  expect(desk.news.value).toBe('只有主播、联合主播和审核员可以管理直播间')
})

it('says who was faster, whether the journal tells of it or the answer', async () => {
  const refusal = { id: '1', held: null, code: 'already_decided', message: '倪若舟已通过这条内容', state: 'approved', by: null }
  const { desk, shown } = await sitting(['1', '2'], () => Promise.resolve({ items: [refusal] }))
  desk.decide(['1'], 'reject')
  await vi.advanceTimersByTimeAsync(5_200)
  expect(desk.news.value).toBe('倪若舟已通过这条内容')
  desk.part.entries([entry('held.decided', held('2', { state: 'rejected', decided: { at: '', by: { id: 'o', name: '倪若舟', badge: null } } }))])
  expect(desk.news.value).toBe('倪若舟已拒绝闻小满的一条内容')
  expect(shown()).toEqual(['2']) // under the eye it stays, with the word
  desk.part.entries([entry('held.added', held('3'))])
  desk.move(1)
  expect(shown()).toEqual(['3'])
})

it('asks the server for no more than a hundred at once', async () => {
  const many = Array.from({ length: 230 }, (_, index) => String(index).padStart(3, '0'))
  const { desk, calls } = await sitting(many)
  desk.decide(many, 'approve')
  await vi.advanceTimersByTimeAsync(5_200)
  expect(calls.mock.calls.map(([ids]) => ids.length)).toEqual([100, 100, 30])
})
