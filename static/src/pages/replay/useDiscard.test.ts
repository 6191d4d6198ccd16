import { expect, it, vi } from 'vitest'
import { ApiError, type Api, type Broadcast } from '@/api'
import { withSetup } from '@/core/testing'
import { useDiscard } from './useDiscard'

const made = (state: 'withheld' | 'discarded') => ({ id: 'b', replay: { state } }) as Broadcast

function opened(discardRecording: Api['discardRecording'], sure: boolean) {
  const take = vi.fn()
  return { take, ...withSetup({ discardRecording }, () => useDiscard(() => made('withheld'), take, () => Promise.resolve(sure))) }
}

it('throws away only what was meant to be thrown away', async () => {
  const discardRecording = vi.fn(() => Promise.resolve(made('discarded')))
  const not = opened(discardRecording, false)
  await not.result.discard()
  expect(discardRecording).not.toHaveBeenCalled()
  not.unmount()
  const yes = opened(discardRecording, true)
  await yes.result.discard()
  expect(discardRecording).toHaveBeenCalledExactlyOnceWith('b')
  expect(yes.take).toHaveBeenCalledExactlyOnceWith(made('discarded'))
  yes.unmount()
})

it('says why it did not go through', async () => {
  const refused = vi.fn(() => Promise.reject(new ApiError(409, 'replay_not_ready', '录像正在生成，请稍候再删除')))
  const { result, take, unmount } = opened(refused, true)
  await result.discard()
  expect(result.message.value).toBe('录像正在生成，请稍候再删除')
  expect(take).not.toHaveBeenCalled()
  unmount()
})
