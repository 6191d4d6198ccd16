import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Me } from '@/api'
import { withSetup } from '@/core/testing'
import { Script } from '@/protocol/testing'
import { useWatchTime } from './useWatchTime'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const ME = { member: { id: 'm' }, roles: [], csrf: '', public_broadcasts: false, organisation: null, brand: '' } as unknown as Me

/** A page whose picture stands at `at`, ms. */
async function page() {
  const said: { media_at: string; playing: boolean }[] = []
  const state = { at: null as number | null }
  const wire = new Script()
  wire.connected = true
  wire.call = (_, payload) => {
    said.push(payload as (typeof said)[number])
    return Promise.resolve({ ok: true, watched_ms: said.length * 1000 })
  }
  const me = () => Promise.resolve(ME)
  const { result, context } = withSetup({ me }, () => useWatchTime('b', () => (state.at === null ? null : new Date(state.at))), wire)
  await context.session.ready()
  const pass = async (moved: number) => {
    state.at = (state.at ?? 0) + moved
    await vi.advanceTimersByTimeAsync(10_000)
  }
  return { said, state, result, pass }
}

it('says where the picture stands while it moves, and once that it has stopped', async () => {
  const { said, result, pass } = await page()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(said).toEqual([])
  await pass(0)
  expect(said).toEqual([])
  await pass(10_000)
  await pass(10_000)
  expect(said.map(({ playing }) => playing)).toEqual([true, true])
  expect(result.watched.value).toBe(2000)
  await pass(0)
  await pass(0)
  await pass(0)
  expect(said.map(({ playing }) => playing)).toEqual([true, true, false])
  await pass(10_000)
  expect(said[3]).toMatchObject({ media_at: new Date(30_000).toISOString(), playing: true })
})
