import { expect, it, vi } from 'vitest'
import type { Broadcast } from '@/api'
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
