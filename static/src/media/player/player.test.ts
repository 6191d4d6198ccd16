import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Engine, EngineEvents, Source } from './engine'
import { Player, type Snapshot } from './player'

class FakeEngine implements Engine {
  kind: Engine['kind'] = 'hls.js'
  edge: number | null = null
  destroyed = false
  mediaTime = () => 1_000
  place: number | null = null
  positionAt = () => this.place
  livePosition = () => this.edge
  qualities = () => []
  quality = () => -1
  choose = () => undefined
  bitrate = () => null
  destroy(): void {
    this.destroyed = true
  }
}

const LIVE: Source = { url: '/hls/1/index.m3u8', live: true }
let video: HTMLVideoElement
let engines: FakeEngine[]
let events: EngineEvents[]
let last: Snapshot
let player: Player
let kind: Engine['kind']

beforeEach(() => {
  vi.useFakeTimers()
  kind = 'hls.js'
  engines = []
  events = []
  video = document.createElement('video')
  vi.spyOn(video, 'play').mockResolvedValue()
  vi.spyOn(video, 'paused', 'get').mockReturnValue(false)
  player = new Player(
    video,
    (snapshot) => {
      last = snapshot
    },
    (_video, _source, given) => {
      const engine = new FakeEngine()
      engine.kind = kind
      engines.push(engine)
      events.push(given)
      return Promise.resolve(engine)
    },
  )
})
afterEach(() => {
  player.destroy()
  vi.useRealTimers()
})
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

it('goes to the live edge when it is more than ten seconds behind, and not before', async () => {
  player.open(LIVE)
  await pass(0)
  engines[0]!.edge = 9
  await pass(1_000)
  expect(video.currentTime).toBe(0)
  engines[0]!.edge = 12
  await pass(1_000)
  expect(video.currentTime).toBe(12)
})

it('loads anew when the picture stands still', async () => {
  player.open(LIVE)
  await pass(8_500)
  expect(engines).toHaveLength(2)
  expect(engines[0]!.destroyed).toBe(true)
})

it('waits while the host is gone', async () => {
  player.open(LIVE)
  player.expecting = false
  await pass(60_000)
  expect(engines).toHaveLength(1)
})

it('leaves a picture alone that the viewer has stopped', async () => {
  player.open(LIVE)
  await pass(0)
  player.pause()
  await pass(60_000)
  expect(engines).toHaveLength(1)
})

it('shows that a tap is needed when the browser refuses to play', async () => {
  vi.spyOn(video, 'play').mockRejectedValueOnce(new DOMException('no', 'NotAllowedError'))
  player.open(LIVE)
  await pass(0)
  expect(last.state).toBe('blocked')
  player.play()
  await pass(0)
  expect(last.state).not.toBe('blocked')
})

it('tries the native player again after an error, with growing pauses', async () => {
  kind = 'native'
  player.open(LIVE)
  player.expecting = false
  await pass(0)
  for (const after of [1_200, 2_400, 4_800]) {
    events[events.length - 1]!.onTrouble(false)
    expect(last.troubled).toBe(true)
    await pass(after)
  }
  expect(engines).toHaveLength(4)
})

it('never leaves two engines on one picture', async () => {
  player.open(LIVE)
  player.open({ url: '/hls/2/index.m3u8', live: true })
  await pass(0)
  expect(engines.map((engine) => engine.destroyed)).toEqual([true, false])
})

it('gives the media time of the frame on screen', async () => {
  expect(player.mediaTime()).toBeNull()
  player.open(LIVE)
  await pass(0)
  expect(player.mediaTime()).toBe(1_000)
})

it('goes to the picture of a moment, as soon as it is known where that is', async () => {
  player.open({ url: '/hls/1/replay.m3u8', live: false })
  player.seekToMedia(5_000)
  await pass(0)
  expect(video.currentTime).toBe(0)
  engines[0]!.place = 42
  await pass(1_000)
  expect(video.currentTime).toBe(42)
  video.currentTime = 50
  await pass(2_000)
  expect(video.currentTime).toBe(50)
})
