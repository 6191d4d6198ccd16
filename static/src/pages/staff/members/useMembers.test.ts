import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { OfflineError, type Api, type MemberRow } from '@/api'
import { withSetup } from '@/core/testing'
import { NO_FILTER } from './filter'
import { TYPING, useMembers } from './useMembers'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})
const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms)
const row = (id: string, name = id) => ({ id, name, roles: [] }) as unknown as MemberRow

function mounted(members: Api['members']) {
  return withSetup({ members, membersSheetUrl: (filter) => `/x?${JSON.stringify(filter)}` }, () => useMembers(NO_FILTER)).result
}

it('asks once for quick typing and at once for a choice', async () => {
  const ask = vi.fn(() => Promise.resolve({ items: [row('a')] }))
  const list = mounted(ask)
  await settle()
  for (const q of ['小', '小满', '小满 ']) {
    list.filter.q = q
    await settle(TYPING / 3)
  }
  expect(ask).toHaveBeenCalledTimes(1)
  await settle(TYPING)
  expect(ask).toHaveBeenCalledTimes(2)
  expect(ask).toHaveBeenLastCalledWith({ q: '小满', limit: 50 })
  list.filter.state = 'invited'
  await settle()
  expect(ask).toHaveBeenLastCalledWith({ q: '小满', state: 'invited', limit: 50 })
  expect(list.sheetUrl.value).toContain('"state":"invited"')
})

it('adds the next page and knows the last', async () => {
  const list = mounted(({ after }) => Promise.resolve(after ? { items: [row('b')] } : { items: [row('a')], next: 'a' }))
  await settle()
  expect(list.more.value).toBe(true)
  await Promise.all([list.loadMore(), list.loadMore()])
  expect(list.items.value.map((item) => item.id)).toEqual(['a', 'b'])
  expect(list.more.value).toBe(false)
})

it('drops a next page of a filter that is gone', async () => {
  let answer: (page: { items: MemberRow[] }) => void = () => undefined
  const list = mounted(({ after, state }) => {
    if (after) return new Promise((resolve) => (answer = resolve))
    return Promise.resolve(state ? { items: [row('c')] } : { items: [row('a')], next: 'a' })
  })
  await settle()
  const more = list.loadMore()
  list.filter.state = 'disabled'
  await settle()
  answer({ items: [row('b')] })
  await more
  expect(list.items.value.map((item) => item.id)).toEqual(['c'])
})

it('keeps what is shown when the next page does not come', async () => {
  const list = mounted(({ after }) => (after ? Promise.reject(new OfflineError()) : Promise.resolve({ items: [row('a')], next: 'a' })))
  await settle()
  await list.loadMore()
  expect(list.items.value).toHaveLength(1)
  expect(list.moreMessage.value).toContain('网络')
})

it('shows a change in its place and a newcomer first', async () => {
  const list = mounted(() => Promise.resolve({ items: [row('a'), row('b')] }))
  await settle()
  list.put(row('b', '改名'))
  list.put(row('n'))
  expect(list.items.value.map((item) => item.name)).toEqual(['n', 'a', '改名'])
})
