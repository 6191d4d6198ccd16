import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Engine, EngineEvents } from './player/engine'
import { mayPreview, Preview, type Glimpse, type Thrift } from './preview'

const desk: Thrift = { saveData: false, connection: null, finePointer: true, reducedMotion: false }

it.each([
  ['a computer', {}, true],
  ['a phone on wifi', { connection: 'wifi', finePointer: false }, true],
  ['a phone on mobile data', { connection: 'cellular', finePointer: false }, false],
  ['a phone that does not say', { finePointer: false }, false],
  ['a computer on a phone’s data', { connection: 'cellular' }, false],
  ['somebody who saves data', { connection: 'wifi', saveData: true }, false],
  ['somebody who wants no motion', { reducedMotion: true }, false],
] as [string, Partial<Thrift>, boolean][])('decides for %s', (_who, more, may) => {
  expect(mayPreview({ ...desk, ...more })).toBe(may)
})

let video: HTMLVideoElement
let engines: { destroyed: boolean }[]
let events: EngineEvents[]
let seen: Glimpse[]
let preview: Preview

beforeEach(() => {
  vi.useFakeTimers()
  engines = []
  events = []
  seen = []
  video = document.createElement('video')
  vi.spyOn(video, 'play').mockResolvedValue()
  Object.defineProperty(video, 'videoWidth', { value: 1280 })
  const canvas = document.createElement('canvas')
  // The test's DOM draws nothing.
  canvas.getContext = (() => ({ drawImage: () => undefined })) as unknown as HTMLCanvasElement['getContext']
  preview = new Preview(video, canvas, (glimpse) => seen.push(glimpse), (_video, _source, given) => {
    const engine = { destroyed: false, destroy: () => { engine.destroyed = true } }
    engines.push(engine)
    events.push(given)
    return Promise.resolve(engine as unknown as Engine)
  })
})
afterEach(() => {
  preview.destroy()
  vi.useRealTimers()
})
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const plays = () => video.dispatchEvent(new Event('playing'))

it('moves for five seconds, rests on the last frame, and looks again after a while', async () => {
  preview.look('/hls/b/index.m3u8')
  await pass(0)
  plays()
  await pass(5_000)
  expect(seen).toEqual(['moving', 'still'])
  expect(engines).toMatchObject([{ destroyed: true }])
  await pass(55_000)
  expect(engines).toHaveLength(2)
})

it('lets go at once when nobody sees it, and does not come back', async () => {
  preview.look('/hls/b/index.m3u8')
  await pass(0)
  plays()
  preview.look(null)
  expect(seen).toEqual(['moving', 'still'])
  await pass(600_000)
  expect(engines).toMatchObject([{ destroyed: true }])
})

it('leaves the poster alone when no picture comes', async () => {
  preview.look('/hls/b/index.m3u8')
  await pass(0)
  events[0]!.onTrouble(false)
  expect(seen).toEqual([])
  expect(engines).toMatchObject([{ destroyed: true }])
})

it('gives up waiting after a while', async () => {
  preview.look('/hls/b/index.m3u8')
  await pass(12_000)
  expect(engines).toMatchObject([{ destroyed: true }])
})
