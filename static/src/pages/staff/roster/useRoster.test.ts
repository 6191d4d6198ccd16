import { expect, it, vi } from 'vitest'
import { ApiError, type Api, type RosterAnswer } from '@/api'
import { withSetup } from '@/core/testing'
import { fileFault, rosterType } from './file'
import { useRoster } from './useRoster'

const file = (name = '名册.csv', text = '姓名,手机号,身份\n') => new File([text], name)
const result = (parts: Partial<RosterAnswer> = {}): RosterAnswer => ({
  branches_added: 0,
  members_added: 0,
  members_changed: 0,
  errors: [],
  activations: [],
  ...parts,
})
const mounted = (importRoster: Api['importRoster']) => withSetup({ importRoster }, useRoster).result
const activations = [{ name: '甲', mobile: '10000000001', code: 'ABCD-EFGH' }]

it('knows a roster by its ending', () => {
  expect(rosterType('名册.CSV')).toBe('text/csv')
  expect(rosterType('a.b.xlsx')).toContain('spreadsheetml')
  expect(fileFault({ name: '名册.xls', size: 9 })).toContain('另存为')
  expect(fileFault({ name: '名册.pdf', size: 9 })).toContain('CSV')
  expect(fileFault({ name: '名册.csv', size: 6 * 1024 * 1024 })).toContain('5 MB')
  expect(fileFault({ name: '名册.csv', size: 9 })).toBe('')
})

it('tries first, and imports the same bytes when told', async () => {
  const call = vi.fn<Api['importRoster']>((_file, _type, dry) => Promise.resolve(result({ members_added: 1, activations: dry ? [] : activations })))
  const roster = mounted(call)
  await roster.choose(file())
  expect(roster.step.value).toBe('checked')
  await roster.confirm()
  expect(roster.step.value).toBe('done')
  const [dry, real] = call.mock.calls
  expect([dry?.[2], real?.[2]]).toEqual([true, false])
  expect(await real![0].text()).toBe('姓名,手机号,身份\n')
})

it('imports nothing while there are errors', async () => {
  const call = vi.fn(() => Promise.resolve(result({ errors: [{ line: 2, field: '手机号', message: '未填写' }] })))
  const roster = mounted(call)
  await roster.choose(file())
  expect(await roster.confirm()).toBe(false)
  expect(call).toHaveBeenCalledTimes(1)
})

it('shows what has become wrong between the check and the import', async () => {
  const errors = [{ line: 3, field: '手机号', message: '该手机号目前属于另一名成员' }]
  const refusal = new ApiError(422, 'roster_invalid', '名册有误', {}, null, { errors })
  const roster = mounted((_file, _type, dry) => (dry ? Promise.resolve(result({ members_added: 1 })) : Promise.reject(refusal)))
  await roster.choose(file())
  await roster.confirm()
  expect(roster.step.value).toBe('checked')
  expect(roster.answer.value.errors).toEqual(errors)
})

it('does not close over codes that nobody has taken', async () => {
  const roster = mounted(() => Promise.resolve(result({ members_added: 1, activations })))
  await roster.choose(file())
  expect(roster.mayClose()).toBe(true)
  await roster.confirm()
  expect(roster.mayClose()).toBe(false)
  expect(roster.warned.value).toBe(true)
  expect(roster.mayClose()).toBe(true)
})

it('says so when the file changes nothing', async () => {
  const roster = mounted(() => Promise.resolve(result()))
  await roster.choose(file())
  expect(roster.idle.value).toBe(true)
})
