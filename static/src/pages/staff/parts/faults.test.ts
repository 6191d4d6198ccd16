import { expect, it } from 'vitest'
import { ApiError, OfflineError } from '@/api'
import { overForm, placing } from './faults'

const places = { mobile_taken: 'mobile' }

it('puts a refusal under the field it is about', async () => {
  const taken = () => Promise.reject(new ApiError(409, 'mobile_taken', '该手机号已被使用'))
  await expect(placing(places, taken)).rejects.toMatchObject({ fields: { mobile: '该手机号已被使用' } })
})

it('leaves everything else as it is', async () => {
  const other = new ApiError(403, 'account_protected', '请由管理员办理')
  await expect(placing(places, () => Promise.reject(other))).rejects.toBe(other)
  await expect(placing(places, () => Promise.reject(new OfflineError()))).rejects.toBeInstanceOf(OfflineError)
  await expect(placing(places, () => Promise.resolve(7))).resolves.toBe(7)
})

it('says nothing twice', () => {
  expect(overForm('有内容填写不正确', { name: '请填写' }, ['name', 'mobile'])).toBe('')
  expect(overForm('有内容填写不正确', { other: '请填写' }, ['name'])).toBe('有内容填写不正确')
  expect(overForm('网络不通', {}, ['name'])).toBe('网络不通')
})
