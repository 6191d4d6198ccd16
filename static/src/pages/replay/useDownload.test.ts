import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ref } from 'vue'
import { ApiError, OfflineError, type Broadcast, type Download } from '@/api'
import { withSetup } from '@/core/testing'
import { useDownload } from './useDownload'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const made = (state: Download['state'], progress = 0): Download => ({ allowed: true, offered: true, state, progress, url: state === 'ready' ? '/x.mp4' : null })
const broadcast = ref({ id: 'b', replay: { download: made('none') } } as Broadcast)

it('follows the work until the file is there, through a lost answer', async () => {
  const answers = [made('preparing', 0.4), new OfflineError(), made('ready', 1)]
  const download = vi.fn(() => {
    const answer = answers.shift() ?? made('ready', 1)
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
  })
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

it('says why there is none', async () => {
  const refused = () => Promise.reject(new ApiError(409, 'download_off', '主播没有开放下载'))
  const { result, unmount } = withSetup({ prepareDownload: refused }, () => useDownload(broadcast))
  await result.prepare()
  expect(result.message.value).toBe('主播没有开放下载')
  unmount()
})
