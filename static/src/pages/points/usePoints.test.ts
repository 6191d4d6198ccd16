import { expect, it, vi } from 'vitest'
import type { Me, PointsYear } from '@/api'
import { withSetup } from '@/core/testing'
import type { Wire } from '@/protocol/wire'
import { usePoints } from './usePoints'

const year = (score: number, ids: string, next: string | null = null) => ({ score, items: Array.from(ids, (id) => ({ id })), next }) as unknown as PointsYear

it('asks anew when another year or aspect is wanted, and reads on where it was', async () => {
  const points = vi.fn((query: { year?: number; aspect?: string; after?: string }) =>
    Promise.resolve(query.after ? year(602, 'c') : query.year === 2025 ? year(655, 'x') : year(602, 'ab', 'b')),
  )
  const { result } = withSetup({ points, pointIndicators: () => Promise.resolve({ items: [] }) }, usePoints)
  await vi.waitFor(() => { expect(result.standing.value?.score).toBe(602) })
  await result.loadMore()
  expect(result.items.value.map(({ id }) => id).join('')).toBe('abc')
  result.year.value = 2025
  await vi.waitFor(() => { expect(result.standing.value?.score).toBe(655) })
  result.aspect.value = 'qin'
  await vi.waitFor(() => { expect(points).toHaveBeenLastCalledWith({ limit: 30, aspect: 'qin', year: 2025 }) })
  expect(result.items.value.map(({ id }) => id)).toEqual(['x'])
})

it('does not show the sums of a year that is not wanted any more', async () => {
  const answers = new Map<number | undefined, (found: PointsYear) => void>()
  const points = vi.fn((query: { year?: number }) => new Promise<PointsYear>((resolve) => { answers.set(query.year, resolve) }))
  const { result } = withSetup({ points, pointIndicators: () => Promise.resolve({ items: [] }) }, usePoints)
  result.year.value = 2025
  await vi.waitFor(() => { expect(answers.has(2025)).toBe(true) })
  answers.get(2025)?.(year(655, 'x'))
  answers.get(undefined)?.(year(602, 'a'))
  await vi.waitFor(() => { expect(result.items.value.map(({ id }) => id)).toEqual(['x']) })
  expect(result.standing.value?.score).toBe(655)
})

it('knows the running year from the server, whichever year is looked at', async () => {
  const points = vi.fn((query: { year?: number }) => Promise.resolve({ ...year(600, ''), year: query.year ?? 2027 }))
  const { result } = withSetup({ points, pointIndicators: () => Promise.resolve({ items: [] }) }, usePoints)
  await vi.waitFor(() => { expect(result.thisYear.value).toBe(2027) })
  result.year.value = 2026
  await vi.waitFor(() => { expect(result.standing.value?.year).toBe(2026) })
  expect(result.thisYear.value).toBe(2027)
})

/** A wire whose one channel the test speaks for. */
function wired(member: string) {
  const handlers = new Map<string, (payload: never) => void>()
  const wire = {
    connected: true,
    open: () => undefined,
    close: () => undefined,
    call: () => Promise.resolve({ ok: true, epoch: 'e', head: 0, entries: [], snapshot: {}, recovered: false }),
    on: (event: string, handler: (payload: never) => void) => { handlers.set(event, handler) },
  } as unknown as Wire
  const credited = (...data: object[]) => {
    const entries = data.map((each, at) => ({ offset: at + 1, type: 'points.credited', at: '', data: each }))
    handlers.get('entries')?.({ channel: `member:${member}`, epoch: 'e', first: 1, head: entries.length, entries } as never)
  }
  return { wire, credited }
}

it('says what has come, whether it was told live or found when the channel was first followed', async () => {
  const api = {
    me: () => Promise.resolve({ member: { id: 'm' }, roles: [], csrf: '' } as unknown as Me),
    pointIndicators: () => Promise.resolve({ items: [] }),
    points: vi.fn(() => Promise.resolve(year(600, '1'))),
  }
  const { wire, credited } = wired('m')
  const { result, context } = withSetup(api, usePoints, wire)
  await vi.waitFor(() => { expect(result.standing.value?.score).toBe(600) })
  const found = { ...year(602, ''), items: [{ id: '2', title: '回答被采纳', amount: 2, kind: 'award', aspect: 'neng', reverses: null }] } as unknown as PointsYear
  api.points.mockResolvedValue(found)
  await context.session.ready()
  await vi.waitFor(() => { expect(result.note.value).toBe('回答被采纳，加 0.2 分（能）') })
  expect(result.standing.value?.score).toBe(602)

  credited({ id: '3', title: '11月主题党日', amount: 5, kind: 'award', aspect: 'qin', reverses: null })
  expect(result.note.value).toBe('11月主题党日，加 0.5 分（勤）')
  const asked = api.points.mock.calls.length
  await vi.waitFor(() => { expect(api.points.mock.calls.length).toBe(asked + 1) })
})
