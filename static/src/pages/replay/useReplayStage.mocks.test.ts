import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { nextTick, ref } from 'vue'
import { withSetup } from '@/core/testing'
import { ReplayMemory } from './memory'
import { bufferedAfter, useReplayStage, wallClock, type Recording } from './useReplayStage'

// Which engine plays is no matter here; the element stands in for it.
vi.mock('@/media/player/native-engine', () => ({
  NativeEngine: class {
    kind = 'native'
    mediaTime = () => 1_000
    positionAt = (date: number) => date / 1_000
    livePosition = () => null
    destroy = () => undefined
  },
}))

const RECORDING: Recording = { id: 'b', url: '/hls/b/replay.m3u8', duration: 600, orientation: 'landscape' }

async function opened() {
  const video = document.createElement('video')
  vi.spyOn(video, 'play').mockResolvedValue()
  vi.spyOn(video, 'duration', 'get').mockReturnValue(600)
  vi.spyOn(video, 'buffered', 'get').mockReturnValue(ranges([0, 60]))
  const { result, unmount } = withSetup({}, () => useReplayStage(RECORDING, ref(null)))
  result.setVideo(video)
  await nextTick()
  return { video, result, unmount }
}

const ranges = (...pairs: [number, number][]) =>
  ({ length: pairs.length, start: (at: number) => pairs[at]![0], end: (at: number) => pairs[at]![1] }) as TimeRanges

beforeEach(() => {
  localStorage.clear()
})
afterEach(() => {
  vi.useRealTimers()
})

it('waits for a tap, then plays with sound', async () => {
  const { video, result, unmount } = await opened()
  video.muted = true
  expect(result.begun.value).toBe(false)
  result.toggle()
  expect(result.begun.value).toBe(true)
  expect(video.muted).toBe(false)
  unmount()
})

it('remembers where one stopped and offers to go on there', async () => {
  const first = await opened()
  first.result.play()
  first.result.seek(314)
  first.unmount()
  const second = await opened()
  expect(second.result.resumeAt).toBe(314)
  expect(second.result.times.position).toBe(314)
  second.result.fromStart()
  expect(second.video.currentTime).toBe(0)
  second.unmount()
})

it('does not touch the place while nothing has been played', async () => {
  new ReplayMemory(null).save('b', 200, 600)
  const { unmount } = await opened()
  unmount()
  expect(new ReplayMemory(null).load('b')).toBe(200)
})

it('steps and stays inside', async () => {
  const { video, result, unmount } = await opened()
  result.play()
  result.step(15)
  expect(video.currentTime).toBe(15)
  result.step(-45)
  expect(video.currentTime).toBe(0)
  unmount()
})

it('goes to the picture of a moment, and begins there if nothing plays yet', async () => {
  const { video, result, unmount } = await opened()
  await vi.waitFor(() => { expect(result.mediaTime()).not.toBeNull() })
  result.seekToMedia(90_000)
  expect(video.currentTime).toBe(90)
  expect(result.begun.value).toBe(true)
  unmount()
})

it('is silent at no volume and comes back audible', async () => {
  const { video, result, unmount } = await opened()
  result.play()
  result.setVolume(0)
  await nextTick()
  expect(video.muted).toBe(true)
  result.toggleSound()
  expect(video.muted).toBe(false)
  expect(video.volume).toBe(0.5)
  unmount()
})

it('counts only what is loaded around the position', () => {
  expect(bufferedAfter(ranges([0, 30], [100, 160]), 10)).toBe(30)
  expect(bufferedAfter(ranges([0, 30], [100, 160]), 120)).toBe(160)
  expect(bufferedAfter(ranges([0, 30]), 50)).toBe(50)
})

it('writes the wall clock to the second', () => {
  expect(wallClock(new Date(2026, 6, 1, 9, 5, 3).getTime())).toBe('09:05:03')
})
