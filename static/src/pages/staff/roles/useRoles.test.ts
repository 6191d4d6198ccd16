import { expect, it, vi } from 'vitest'
import { ApiError, type Api, type MemberRow, type Me, type Role } from '@/api'
import { withSetup } from '@/core/testing'
import { useUndo } from '../parts/useUndo'
import { givenWords, takenWords } from './consequences'
import { CODE_VOID, useRoles } from './useRoles'

const person = (id: string, roles: Role[]) => ({ id, name: id, mobile: `1000000000${id}`, roles, state: 'active' }) as unknown as MemberRow
const settle = () => new Promise((resolve) => setTimeout(resolve))

function mounted(people: MemberRow[], more: Partial<Api> = {}) {
  const members = vi.fn<Api['members']>(({ role, q, after }) => {
    const found = people.filter((each) => (role ? each.roles.includes(role as Role) : each.mobile === q))
    const from = after ? found.findIndex((each) => each.id === after) + 1 : 0
    const next = found[from + 1] ? found[from]!.id : null
    return Promise.resolve({ items: found.slice(from, from + 1), next })
  })
  const me = { member: { id: '1' }, roles: ['administrator'] } as unknown as Me
  const setRoles = vi.fn<Api['setRoles']>((id, roles) => {
    const changed = { ...person(id, roles), code_void: false }
    people.splice(people.findIndex((each) => each.id === id), 1, changed)
    return Promise.resolve(changed)
  })
  const api = { members, setRoles, me: () => Promise.resolve(me), ...more }
  const { result, context } = withSetup(api, () => {
    const undo = useUndo()
    return { undo, roles: useRoles(undo) }
  })
  context.session.me.value = me
  return { ...result, setRoles }
}

it('lists everybody under every role, over all pages', async () => {
  const { roles } = mounted([person('1', ['administrator', 'red_host']), person('2', ['red_host'])])
  await settle()
  expect(roles.byRole.value.get('red_host')?.map((each) => each.id)).toEqual(['1', '2'])
  expect(roles.byRole.value.get('administrator')?.map((each) => each.id)).toEqual(['1'])
  expect(roles.byRole.value.get('moderator')).toEqual([])
})

it('takes one role, leaves the others, and can go back', async () => {
  const { roles, undo, setRoles } = mounted([person('1', ['administrator']), person('2', ['moderator', 'red_host'])])
  await settle()
  await roles.take(person('2', ['moderator', 'red_host']), 'red_host')
  expect(setRoles).toHaveBeenLastCalledWith('2', ['moderator'])
  expect(roles.byRole.value.get('red_host')).toEqual([])
  await undo.undo()
  expect(roles.byRole.value.get('red_host')?.map((each) => each.id)).toEqual(['2'])
})

it('keeps a role that somebody else gave meanwhile', async () => {
  const { roles, setRoles } = mounted([person('2', ['moderator', 'organiser'])])
  await settle()
  await roles.give(person('2', ['moderator']), 'red_host')
  expect(setRoles).toHaveBeenLastCalledWith('2', ['moderator', 'organiser', 'red_host'])
})

it('says when the activation code of somebody else died of the new role', async () => {
  const given = { ...person('2', ['red_host']), code_void: true }
  const { roles, undo } = mounted([person('2', [])], { setRoles: () => Promise.resolve(given) })
  await settle()
  await roles.give(person('2', []), 'red_host')
  expect(undo.notice.value?.text).toContain(CODE_VOID)
})

it('hands on the refusal for the last administrator', async () => {
  const refusal = new ApiError(409, 'last_administrator', '这是最后一名管理员')
  const { roles, undo } = mounted([person('1', ['administrator'])], { setRoles: () => Promise.reject(refusal) })
  await settle()
  await expect(roles.take(person('1', ['administrator']), 'administrator')).rejects.toBe(refusal)
  expect(roles.byRole.value.get('administrator')).toHaveLength(1)
  expect(undo.notice.value).toBeNull()
})

it('names what follows', () => {
  expect(givenWords('administrator', '甲')).toContain('授予或收回任何角色')
  expect(takenWords('administrator', '甲', true)).toContain('您将立即失去')
  expect(takenWords('administrator', '甲', false)).toContain('甲')
  expect(givenWords('branch_publicity', '甲')).toContain('宣传委员')
})
