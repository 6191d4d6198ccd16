import { expect, it, vi } from 'vitest'
import type { Broadcast, OfferedRules } from '@/api'
import { withSetup } from '@/core/testing'
import { useBroadcastForm } from './useBroadcastForm'

vi.mock('vue-router', () => ({ useRouter: () => ({ replace: vi.fn() }) }))

it('keeps what is being written when the network returns', async () => {
  const answer = vi.fn(() => Promise.resolve({ id: 'b', title: '旧题', intro: '', starts_at: '2030-07-01T01:00:00.000Z', co_hosts: [] as unknown } as Broadcast))
  const { result, context, unmount } = withSetup({ broadcast: answer }, () => useBroadcastForm('b'))
  await vi.waitFor(() => { expect(result.draft.value.title).toBe('旧题') })
  result.draft.value.title = '新题'
  context.reach.report(false)
  context.reach.report(true)
  await vi.waitFor(() => { expect(answer).toHaveBeenCalledTimes(2) })
  await vi.waitFor(() => { expect(result.loading.value).toBe(false) })
  expect(result.draft.value.title).toBe('新题')
  unmount()
})

it('knows what may make a replay count before there is a broadcast', async () => {
  const usual = { number: 3, seconds: 90, needed: 2, topic: null, replay: 'none', replay_days: 30 }
  const answer = vi.fn(() => Promise.resolve({ ...usual, checks: ['none', 'roll_call', 'quiz'] } as OfferedRules))
  const { result, context, unmount } = withSetup({ usualRollCallRules: answer }, () => useBroadcastForm(null))
  await vi.waitFor(() => { expect(result.quiz.value).toBe(true) })
  expect(result.rules.value).toEqual(usual)
  if (result.rules.value !== null) result.rules.value = { ...result.rules.value, replay: 'quiz' }
  context.reach.report(false)
  context.reach.report(true)
  await vi.waitFor(() => { expect(result.loading.value).toBe(false) })
  expect(result.rules.value?.replay).toBe('quiz')
  unmount()
})
