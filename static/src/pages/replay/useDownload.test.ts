import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick, shallowRef } from 'vue'
import { ApiError, OfflineError, type Broadcast, type Download } from '@/api'
import { withSetup } from '@/core/testing'
import { useDownload } from './useDownload'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const made = (state: Download['state'], progress = 0) =>
  ({ allowed: true, offered: true, state, progress, url: state === 'ready' ? '/x.mp4' : null }) satisfies Download
const of = (download: Download) => ({ id: 'b', replay: { download } }) as Broadcast

it('follows the work until the file is there, through a lost answer', async () => {
  const answers = [made('preparing', 0.4), new OfflineError(), made('ready', 1)]
  const download = vi.fn(() => {
    const answer = answers.shift() ?? made('ready', 1)
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
  })
  const broadcast = shallowRef(of(made('none')))
  const { result, unmount } = withSetup({ prepareDownload: () => Promise.resolve(made('preparing', 0.1)), download }, () => useDownload(broadcast))
  await result.prepare()
  expect(result.percent.value).toBe(10)
  await vi.advanceTimersByTimeAsync(1_600)
  expect(result.percent.value).toBe(40)
  await vi.advanceTimersByTimeAsync(3_200)
  expect(result.state.value.url).toBe('/x.mp4')
  await vi.advanceTimersByTimeAsync(30_000)
  expect(download).toHaveBeenCalledTimes(3)
  unmount()
})

it('follows work that somebody else has started', async () => {
  const download = vi.fn(() => Promise.resolve(made('ready', 1)))
  const broadcast = shallowRef(of(made('none')))
  const { result, unmount } = withSetup({ download }, () => useDownload(broadcast))
  broadcast.value = of(made('preparing', 0.2))
  await nextTick()
  expect(result.state.value.state).toBe('preparing')
  await vi.advanceTimersByTimeAsync(1_600)
  expect(result.state.value.state).toBe('ready')
  unmount()
})

it('says why there is none', async () => {
  const refused = () => Promise.reject(new ApiError(409, 'download_off', '主播没有开放下载'))
  const { result, unmount } = withSetup({ prepareDownload: refused }, () => useDownload(shallowRef(of(made('none')))))
  await result.prepare()
  expect(result.message.value).toBe('主播没有开放下载')
  expect(result.busy.value).toBe(false)
  unmount()
})

it('stops asking when the page is left', async () => {
  const download = vi.fn(() => Promise.resolve(made('preparing', 0.3)))
  const { unmount } = withSetup({ download }, () => useDownload(shallowRef(of(made('preparing', 0.1)))))
  await vi.advanceTimersByTimeAsync(1_600)
  unmount()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(download).toHaveBeenCalledOnce()
})
