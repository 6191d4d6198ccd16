import { expect, it, vi } from 'vitest'
import { ApiError, type Api, type Branch } from '@/api'
import { withSetup } from '@/core/testing'
import { useUndo } from '../parts/useUndo'
import { sorted, useBranches } from './useBranches'

const branch: Branch = { id: 'b', name: '营销党支部', city: '深圳', members: 8 }
const settle = () => new Promise((resolve) => setTimeout(resolve))

function mounted(api: Partial<Api>) {
  const branches = vi.fn(() => Promise.resolve({ items: [branch, { ...branch, id: 'c', members: 3 }] }))
  const { result } = withSetup({ branches, ...api }, () => useBranches(useUndo()))
  return { list: result, branches }
}

it('counts branches and people', async () => {
  const { list } = mounted({})
  await settle()
  expect(list.branches.value).toHaveLength(2)
  expect(list.people.value).toBe(11)
})

it('adds a new one and lists again', async () => {
  const addBranch = vi.fn(() => Promise.resolve(branch))
  const { list, branches } = mounted({ addBranch })
  list.edit(null)
  await list.save({ name: ' 西南党支部 ', city: '' })
  expect(addBranch).toHaveBeenCalledWith({ name: '西南党支部', city: '' })
  expect(list.open.value).toBe(false)
  expect(branches).toHaveBeenCalledTimes(2)
})

it('asks for a name before the server is asked', async () => {
  const addBranch = vi.fn(() => Promise.resolve(branch))
  const { list } = mounted({ addBranch })
  list.edit(null)
  await list.save({ name: '  ', city: '广州' })
  expect(addBranch).not.toHaveBeenCalled()
  expect(list.submit.fields.value['name']).toContain('名称')
})

it('keeps the form open over a name that is taken', async () => {
  const { list } = mounted({ changeBranch: () => Promise.reject(new ApiError(409, 'branch_exists', '已有同名支部')) })
  list.edit(branch)
  await list.save({ name: '华东党支部', city: '' })
  expect(list.open.value).toBe(true)
  expect(list.submit.fields.value).toEqual({ name: '已有同名支部' })
})

it('stands by pinyin, by size, or as it came', () => {
  const all: Branch[] = [
    { id: '1', name: '营销党支部', city: '深圳', members: 8 },
    { id: '2', name: '安全党支部', city: '广州', members: 30 },
    { id: '3', name: '采购党支部', city: '', members: 5 },
  ]
  const ids = (sort: string) => sorted(all, sort).map(({ id }) => id).join('')
  expect([ids(''), ids('name'), ids('-members'), ids('city')]).toEqual(['123', '231', '213', '321'])
})
