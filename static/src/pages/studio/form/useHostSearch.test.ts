import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { OfflineError, type Host } from '@/api'
import { withSetup } from '@/core/testing'
import { TYPING, useHostSearch } from './useHostSearch'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})
const HOSTS: Host[] = [{ id: '1', name: '江一苇', branch: null }, { id: '2', name: '江映雪', branch: null }]

async function typed(hosts: (q: string) => Promise<{ items: Host[] }>, text = '江') {
  const { result } = withSetup({ hosts }, () => useHostSearch(() => ['2']))
  result.query.value = text
  await vi.advanceTimersByTimeAsync(TYPING)
  return result
}

it('finds hosts by name, without those who are chosen already', async () => {
  const search = await typed(() => Promise.resolve({ items: HOSTS }))
  expect(search.found.value.map((host) => host.name)).toEqual(['江一苇'])
  expect(search.nobody.value).toBe(false)
})

it('tells a failing network from a name nobody has, and asks again', async () => {
  const hosts = vi.fn(() => Promise.reject<{ items: Host[] }>(new OfflineError()))
  const search = await typed(hosts)
  expect(search.message.value).toContain('网络')
  expect(search.nobody.value).toBe(false)
  hosts.mockResolvedValue({ items: [] })
  await search.reload()
  expect([search.message.value, search.nobody.value]).toEqual(['', true])
})

it('says nothing of one name for another, nor without a name', async () => {
  const search = await typed(() => Promise.resolve({ items: [] }))
  search.query.value = '江一'
  await vi.advanceTimersByTimeAsync(TYPING / 2)
  expect(search.nobody.value).toBe(false)
  search.query.value = ' '
  await vi.advanceTimersByTimeAsync(TYPING)
  expect([search.nobody.value, search.message.value]).toEqual([false, ''])
})
