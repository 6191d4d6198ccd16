import { expect, it, vi } from 'vitest'
import { ApiError, type Api, type Broadcast } from '@/api'
import { withSetup } from '@/core/testing'
import { usePublish } from './usePublish'

const made = (state: 'withheld' | 'published', offered = false) => ({ id: 'b', replay: { state, download: { offered } } }) as Broadcast

function opened(now: Broadcast, setReplay: Api['setReplay'], sure = true) {
  let current = now
  const take = vi.fn((fresh: Broadcast) => {
    current = fresh
  })
  return { take, ...withSetup({ setReplay }, () => usePublish(() => current, take, () => Promise.resolve(sure))) }
}

it('publishes with the choice about downloads made before', async () => {
  const setReplay = vi.fn(() => Promise.resolve(made('published', true)))
  const { result, take, unmount } = opened(made('withheld'), setReplay)
  await result.offerDownload(true)
  expect(setReplay).not.toHaveBeenCalled()
  await result.publish()
  expect(setReplay).toHaveBeenCalledExactlyOnceWith('b', true, true)
  expect(take).toHaveBeenCalledOnce()
  unmount()
})

it('changes the downloads of what is published at once', async () => {
  const setReplay = vi.fn(() => Promise.resolve(made('published', false)))
  const { result, unmount } = opened(made('published', true), setReplay)
  await result.offerDownload(false)
  expect(setReplay).toHaveBeenCalledExactlyOnceWith('b', true, false)
  unmount()
})

it('withdraws only what was meant to be withdrawn', async () => {
  const setReplay = vi.fn(() => Promise.resolve(made('withheld')))
  const not = opened(made('published'), setReplay, false)
  await not.result.withdraw()
  expect(setReplay).not.toHaveBeenCalled()
  not.unmount()
  const yes = opened(made('published'), setReplay)
  await yes.result.withdraw()
  expect(setReplay).toHaveBeenCalledExactlyOnceWith('b', false, false)
  yes.unmount()
})

it('says why it did not go through and puts the switch back', async () => {
  const setReplay = vi.fn(() => Promise.reject(new ApiError(409, 'cut_off', '直播被中止，录像仅作留存，不能发布')))
  const { result, unmount } = opened(made('published', false), setReplay)
  await result.offerDownload(true)
  expect(result.message.value).toBe('直播被中止，录像仅作留存，不能发布')
  expect(result.download.value).toBe(false)
  unmount()
})
