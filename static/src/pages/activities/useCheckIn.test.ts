import { afterEach, expect, it, vi } from 'vitest'
import { ApiError, OfflineError, type Activity, type ActivityPart, type Api } from '@/api'
import { withSetup } from '@/core/testing'
import { useCheckIn } from './useCheckIn'

const ACTIVITY = { id: 'a' } as Activity
const PART = { present_at: '2026-07-01T00:00:00Z' } as ActivityPart
const flush = () => new Promise((resolve) => setTimeout(resolve))

afterEach(() => {
  localStorage.clear()
})

function checkingIn(api: Partial<Api>, scanned = '') {
  const done = vi.fn<(part: ActivityPart) => void>()
  return { done, ...withSetup(api, () => useCheckIn(() => ACTIVITY, scanned, done)) }
}

it('sends the code of the link', async () => {
  const checkIn = vi.fn<Api['checkIn']>().mockResolvedValue(PART)
  const { result, done, unmount } = checkingIn({ checkIn }, 'f00.signed')
  expect(result.ready.value).toBe(true)
  await result.send()
  expect(checkIn).toHaveBeenCalledWith('a', 'f00.signed')
  expect(done).toHaveBeenCalledWith(PART)
  unmount()
})

it('says why a code is refused, and clears a wrong one', async () => {
  const checkIn = vi.fn<Api['checkIn']>().mockRejectedValue(new ApiError(400, 'code_wrong', '签到码不对'))
  const { result, done, unmount } = checkingIn({ checkIn }, '123456')
  await result.send()
  expect([result.message.value, result.code.value, result.kept.value]).toEqual(['签到码不对', '', false])
  expect(done).not.toHaveBeenCalled()
  unmount()
})

it('keeps a code without a network, over a reload too, and claims it once there is one', async () => {
  const away = checkingIn({ checkIn: () => Promise.reject(new OfflineError()) }, '123456')
  await away.result.send()
  expect([away.result.kept.value, away.result.message.value]).toEqual([true, ''])
  away.unmount()
  const claimCheckIn = vi.fn<Api['claimCheckIn']>().mockResolvedValue({ state: 'waiting', reason: '' })
  const back = checkingIn({ claimCheckIn })
  await flush()
  expect(claimCheckIn.mock.calls[0]?.slice(0, 2)).toEqual(['a', '123456'])
  expect([back.result.claim.value?.state, back.result.kept.value]).toEqual(['waiting', false])
  back.unmount()
  checkingIn({ claimCheckIn }).unmount()
  await flush()
  expect(claimCheckIn).toHaveBeenCalledTimes(1)
})

it('goes on keeping it while the server is away', async () => {
  const away = checkingIn({ checkIn: () => Promise.reject(new OfflineError()) }, '123456')
  await away.result.send()
  away.unmount()
  const back = checkingIn({ claimCheckIn: () => Promise.reject(new OfflineError()) })
  await flush()
  expect(back.result.kept.value).toBe(true)
  back.unmount()
})

it('keeps a code that a proxy could not hand on', async () => {
  const away = checkingIn({ checkIn: () => Promise.reject(new ApiError(502, 'http_502', '服务器暂时连不上')) }, '123456')
  await away.result.send()
  expect(away.result.kept.value).toBe(true)
  away.unmount()
})

it.each([401, 403, 404, 408, 429, 503])('goes on keeping it after %i', async (status) => {
  const away = checkingIn({ checkIn: () => Promise.reject(new OfflineError()) }, '123456')
  await away.result.send()
  away.unmount()
  const back = checkingIn({ claimCheckIn: () => Promise.reject(new ApiError(status, 'refused', '现在不行')) })
  await flush()
  expect(back.result.kept.value).toBe(true)
  back.unmount()
})
