import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { withSetup } from '@/core/testing'
import type { Entry } from '@/protocol'
import { useNotices } from './useNotices'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const entry = (type: string, id: string, text = '请看', at = new Date().toISOString()) => ({ offset: 1, type, at, by: { id: 'h', name: '闻小满' }, data: { id, text } }) as unknown as Entry
const AT = { epoch: 'e', head: 1 }

it('shows what is pinned, replaced and taken down', () => {
  const { result, unmount } = withSetup({}, () => useNotices('b'))
  result.part.snapshot({ notices: { pinned: entry('notice.pinned', '1', '第一条'), announced: null } }, AT)
  expect(result.pinned.value).toEqual({ id: '1', text: '第一条', name: '闻小满' })
  result.part.entries([entry('notice.pinned', '2', '第二条')])
  expect(result.pinned.value?.text).toBe('第二条')
  result.part.entries([entry('notice.unpinned', '2')])
  expect(result.pinned.value).toBeNull()
  unmount()
})

it('shows an announcement for a while, and once', async () => {
  const { result, unmount } = withSetup({}, () => useNotices('b'))
  const said = entry('notice.announced', '1')
  result.part.entries([said])
  expect(result.announced.value?.id).toBe('1')
  await vi.advanceTimersByTimeAsync(20_000)
  expect(result.announced.value).toBeNull()
  result.part.snapshot({ notices: { pinned: null, announced: said } }, AT)
  expect(result.announced.value).toBeNull()
  unmount()
})

it('is still news for whoever comes soon after, and not for whoever comes late', () => {
  const { result, unmount } = withSetup({}, () => useNotices('b'))
  const before = (ms: number) => new Date(Date.now() - ms).toISOString()
  result.part.snapshot({ notices: { pinned: null, announced: entry('notice.announced', '1', '旧', before(60_000)) } }, AT)
  expect(result.announced.value).toBeNull()
  result.part.snapshot({ notices: { pinned: null, announced: entry('notice.announced', '2', '新', before(5_000)) } }, AT)
  expect(result.announced.value?.text).toBe('新')
  unmount()
})
