import { expect, it, vi } from 'vitest'
import { ApiError, type Api, type MemberRow } from '@/api'
import { withSetup } from '@/core/testing'
import { useUndo } from '../parts/useUndo'
import { useMemberDesk } from './useMemberDesk'

const member = { id: 'm', name: '闻小满', roles: [], state: 'active' } as unknown as MemberRow
const activation = { code: 'ABCD-EFGH', expires_at: '2026-12-01T00:00:00Z' }
const input = { name: '闻小满', mobile: '10000000006', branch_id: null, status: 'full' } as const

function mounted(api: Partial<Api>) {
  const put = vi.fn()
  const { result } = withSetup(api, () => {
    const undo = useUndo()
    return { undo, desk: useMemberDesk(put, undo) }
  })
  return { ...result, put }
}

it('shows the code of a newcomer', async () => {
  const { desk, put } = mounted({ addMember: () => Promise.resolve({ member, activation }) })
  desk.open({ kind: 'add' })
  await desk.add(input)
  expect(put).toHaveBeenCalledWith(member)
  expect(desk.step.value).toEqual({ kind: 'slip', member, activation })
})

it('keeps the form open with the words at the field', async () => {
  const { desk } = mounted({ addMember: () => Promise.reject(new ApiError(409, 'mobile_taken', '该手机号已被使用')) })
  desk.open({ kind: 'add' })
  await desk.add(input)
  expect(desk.step.value).toEqual({ kind: 'add' })
  expect(desk.submit.fields.value).toEqual({ mobile: '该手机号已被使用' })
})

it('disables at once and can go back', async () => {
  const change = vi.fn((_id: string, { disabled }: { disabled?: boolean }) =>
    Promise.resolve({ ...member, state: disabled ? 'disabled' : 'active' } as MemberRow),
  )
  const { desk, undo, put } = mounted({ changeMember: change })
  desk.open({ kind: 'disable', member })
  await desk.confirm('disable', member)
  expect(desk.step.value).toBeNull()
  expect(put).toHaveBeenLastCalledWith(expect.objectContaining({ state: 'disabled' }))
  await undo.undo()
  expect(change).toHaveBeenLastCalledWith('m', { disabled: false })
  expect(put).toHaveBeenLastCalledWith(expect.objectContaining({ state: 'active' }))
})

it('stays at the question when the server refuses', async () => {
  const refusal = new ApiError(409, 'last_administrator', '这是最后一名管理员，请先授予他人管理员角色')
  const { desk, undo } = mounted({ changeMember: () => Promise.reject(refusal) })
  desk.open({ kind: 'disable', member })
  await desk.confirm('disable', member)
  expect(desk.step.value).toEqual({ kind: 'disable', member })
  expect(desk.submit.message.value).toContain('最后一名管理员')
  expect(undo.notice.value).toBeNull()
})

it('asks nothing of the server when nothing was changed', async () => {
  const change = vi.fn()
  const { desk } = mounted({ changeMember: change })
  desk.open({ kind: 'edit', member })
  await desk.save(member, {})
  expect(change).not.toHaveBeenCalled()
  expect(desk.step.value).toBeNull()
})
