import { expect, it, vi } from 'vitest'
import { OfflineError, type Page } from '@/api'
import { withSetup } from '@/core/testing'
import { usePages } from './usePages'

interface Row { id: string }
const page = (ids: string, next: string | null = null): Page<Row> => ({ items: Array.from(ids, (id) => ({ id })), next })

async function mounted(load: (after?: string) => Promise<Page<Row>>) {
  const { result: list, context } = withSetup({}, () => usePages<Row>(load))
  await vi.waitFor(() => { expect(list.pending.value).toBe(false) })
  return { list, context, shown: () => list.items.value.map((item) => item.id).join('') }
}

it('keeps what was fetched further on when the first page comes afresh', async () => {
  let first = page('ab', 'b')
  const { list, shown, context } = await mounted((after) => Promise.resolve(after === 'b' ? page('cd', 'd') : after === 'd' ? page('e') : first))
  await list.loadMore()
  first = page('nab', 'b')
  context.reach.report(false)
  context.reach.report(true)
  await vi.waitFor(() => { expect(shown()).toBe('nabcd') })
  await list.loadMore()
  expect(shown()).toBe('nabcde')
  expect(list.more.value).toBe(false)
})

it('begins anew when told to, and where the two do not join', async () => {
  let first = page('ab', 'b')
  const { list, shown } = await mounted((after) => Promise.resolve(after ? page('cd', 'd') : first))
  await list.loadMore()
  await list.restart()
  expect(shown()).toBe('ab')
  await list.loadMore()
  first = page('xyz', 'z')
  await list.reload()
  expect(shown()).toBe('xyz')
  first = page('x')
  await list.reload()
  expect([shown(), list.more.value]).toEqual(['x', false])
})

it('mixes no rows of two beginnings, whichever answer comes last', async () => {
  let first = page('ab', 'b')
  const { list, shown } = await mounted((after) => Promise.resolve(after ? page('cd') : first))
  await list.loadMore()
  first = page('zb', 'b')
  await Promise.all([list.restart(), list.reload()])
  expect(shown()).toBe('zb')
})

it('says what kept the next page away, and tries again', async () => {
  let away = true
  const { list, shown } = await mounted((after) => (after && away ? Promise.reject(new OfflineError()) : Promise.resolve(after ? page('b') : page('a', 'a'))))
  await list.loadMore()
  expect([shown(), list.loadingMore.value]).toEqual(['a', false])
  expect(list.moreMessage.value).toContain('网络')
  away = false
  await list.loadMore()
  expect([shown(), list.moreMessage.value]).toEqual(['ab', ''])
})

it('reads on until it has what is looked for, and no further', async () => {
  let away = false
  const load = vi.fn((after?: string) => (away ? Promise.reject(new OfflineError()) : Promise.resolve(after === undefined ? page('ab', 'b') : after === 'b' ? page('cd', 'd') : page('ef', 'f'))))
  const { list, shown } = await mounted(load)
  await list.loadUntil(({ id }) => id === 'b')
  expect(shown()).toBe('ab')
  await list.loadUntil(({ id }) => id === 'c')
  expect(shown()).toBe('abcd')
  away = true
  await list.loadUntil(({ id }) => id === 'z')
  expect(shown()).toBe('abcd')
  expect(list.moreMessage.value).toContain('网络')
})
