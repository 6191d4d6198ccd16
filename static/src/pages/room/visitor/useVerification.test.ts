import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiError, type Api } from '@/api'
import { withSetup } from '@/core/testing'
import { useVerification } from './useVerification'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  localStorage.clear()
})

function begun(api: Partial<Api>) {
  const done = vi.fn()
  const mounted = withSetup(api, () => useVerification(done))
  mounted.result.form.value = { mobile: '13900000001', name: ' 路过的人 ', code: '123456' }
  return { ...mounted, done }
}

it('has a code sent, and counts down until another may be asked for', async () => {
  const sendVisitorCode = vi.fn(() => Promise.resolve({ shown: null }))
  const { result } = begun({ sendVisitorCode })
  await result.send()
  expect(sendVisitorCode).toHaveBeenCalledExactlyOnceWith('13900000001')
  expect(result.sendWords.value).toBe('60 秒后可重发')
  await result.send()
  expect(sendVisitorCode).toHaveBeenCalledTimes(1)
  vi.advanceTimersByTime(60_000)
  expect(result.sendWords.value).toBe('重新获取')
})

it('waits as long as the server says', async () => {
  const { result } = begun({ sendVisitorCode: () => Promise.reject(new ApiError(429, 'too_many_attempts', '请 120 秒后再试', {}, 120)) })
  await result.send()
  expect(result.sending.message.value).toBe('请 120 秒后再试')
  expect(result.sendWords.value).toBe('120 秒后可重发')
})

it('proves the number, and is a speaker from then on, after a reload too', async () => {
  const visitor = { id: 'v', name: '路过的人', csrf: 'c' }
  const api = {
    verifyVisitor: vi.fn(() => Promise.resolve(visitor)),
    visitor: () => Promise.resolve(visitor),
    me: () => Promise.reject(new ApiError(401, 'sign_in_needed', '')),
    setupNeeded: () => Promise.resolve({ needed: false, brand: '' }),
  }
  const { result, context, done } = begun(api)
  await result.prove()
  expect(api.verifyVisitor).toHaveBeenCalledExactlyOnceWith({ mobile: '13900000001', name: '路过的人', code: '123456' })
  expect(done).toHaveBeenCalledOnce()
  expect(context.session.speaker.value?.name).toBe('路过的人')
  expect(context.session.csrf()).toBe('c')
  const reloaded = withSetup(api, () => undefined).context.session
  await reloaded.ready()
  expect(reloaded.speaker.value?.id).toBe('v')
  expect(reloaded.member.value).toBeNull()
})

it('says what is missing before it asks', async () => {
  const { result } = begun({ verifyVisitor: () => Promise.reject(new Error('asked')) })
  result.form.value = { mobile: '139', name: '', code: '12' }
  await result.prove()
  expect(result.faults.value).toEqual({ mobile: '手机号是 11 位数字，请检查', name: '请填写昵称', code: '请输入短信里的 6 位数字' })
  expect(result.proving.message.value).toBe('')
})
