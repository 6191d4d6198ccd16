import { afterEach, expect, it, vi } from 'vitest'
import { ApiError, OfflineError, type Activity, type ActivityPart, type Api, type Me } from '@/api'
import { withSetup } from '@/core/testing'
import { useCheckIn } from './useCheckIn'

const ACTIVITY = { id: 'a', title: '主题党日' } as Activity
const PART = { present_at: '2026-07-01T00:00:00Z' } as ActivityPart
const ME = { member: { id: 'm' }, roles: [], csrf: '', brand: '' } as unknown as Me
const flush = () => new Promise((resolve) => setTimeout(resolve))

afterEach(() => {
  localStorage.clear()
})

async function checkingIn(api: Partial<Api>, scanned = '') {
  const done = vi.fn<(part: ActivityPart) => void>()
  const mounted = withSetup({ me: () => Promise.resolve(ME), ...api }, () => useCheckIn(() => ACTIVITY, scanned, done))
  await mounted.context.session.reload()
  await flush()
  return { done, ...mounted }
}

async function keptWithoutNetwork(error: Error = new OfflineError()): Promise<void> {
  const away = await checkingIn({ checkIn: () => Promise.reject(error), claimCheckIn: () => Promise.reject(error) }, '123456')
  await away.result.send()
  expect([away.result.kept.value, away.result.message.value]).toEqual([true, ''])
  away.unmount()
}

it('sends the code of the link', async () => {
  const checkIn = vi.fn<Api['checkIn']>().mockResolvedValue(PART)
  const { result, done, unmount } = await checkingIn({ checkIn }, 'f00.signed')
  expect(result.ready.value).toBe(true)
  await result.send()
  expect(checkIn).toHaveBeenCalledWith('a', 'f00.signed')
  expect(done).toHaveBeenCalledWith(PART)
  unmount()
})

it('says why a code is refused, and clears a wrong one', async () => {
  const checkIn = vi.fn<Api['checkIn']>().mockRejectedValue(new ApiError(400, 'code_wrong', '签到码不对'))
  const { result, done, unmount } = await checkingIn({ checkIn }, '123456')
  await result.send()
  expect([result.message.value, result.code.value, result.kept.value]).toEqual(['签到码不对', '', false])
  expect(done).not.toHaveBeenCalled()
  unmount()
})

it('keeps a code without a network, over a reload too, and what became of it shows on its page', async () => {
  await keptWithoutNetwork()
  const claimCheckIn = vi.fn<Api['claimCheckIn']>().mockResolvedValue({ state: 'waiting', reason: '' })
  const back = await checkingIn({ claimCheckIn })
  expect(claimCheckIn.mock.calls[0]?.slice(0, 2)).toEqual(['a', '123456'])
  expect([back.result.claim.value?.state, back.result.kept.value]).toEqual(['waiting', false])
  back.unmount()
})

it('keeps a code that a proxy could not hand on', async () => {
  await keptWithoutNetwork(new ApiError(502, 'http_502', '服务器暂时连不上'))
})

it('says on its page why a kept code is refused', async () => {
  await keptWithoutNetwork()
  const back = await checkingIn({ claimCheckIn: () => Promise.reject(new ApiError(409, 'checkin_not_open', '签到还没有开始')) })
  expect([back.result.message.value, back.result.kept.value]).toEqual(['签到还没有开始', false])
  back.unmount()
})
