import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Publisher, type Sender } from './publisher'
import { LIMITS, WhipError } from './whip'

class FakeSender {
  peer = null
  onState: (state: RTCPeerConnectionState) => void = () => undefined
  stop = vi.fn(() => Promise.resolve())
  replace = vi.fn(() => Promise.resolve(true))
  kinds = ['video', 'audio']
  has = (kind: string) => this.kinds.includes(kind)
  publish: Sender['publish']
  constructor(outcome: Error | 'connect' | 'silent') {
    this.publish = vi.fn(() => {
      if (outcome instanceof Error) return Promise.reject(outcome)
      if (outcome === 'connect') this.onState('connected')
      return Promise.resolve()
    })
  }
}

const ACTIVE = new WhipError(409, 'publisher_active', '另一台设备正在推流')
const DOWN = new WhipError(0, 'unreachable', '网络不通')
const tracks = { video: {} as MediaStreamTrack, audio: {} as MediaStreamTrack }
let outcomes: (Error | 'connect' | 'silent')[]
let senders: FakeSender[]
let renewals: boolean[]

function publisher(): Publisher {
  return new Publisher({
    connect: (renewed) => {
      renewals.push(renewed)
      const sender = new FakeSender(outcomes.shift() ?? 'connect')
      senders.push(sender)
      return Promise.resolve(sender)
    },
    onState: () => undefined,
    chance: () => 0.5,
  })
}

beforeEach(() => {
  vi.useFakeTimers()
  outcomes = []
  senders = []
  renewals = []
})
afterEach(() => {
  vi.useRealTimers()
})
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

async function onAir(): Promise<Publisher> {
  const one = publisher()
  one.start(tracks, LIMITS)
  await pass(0)
  expect(one.state.name).toBe('sending')
  return one
}

it('comes back into the same broadcast after a loss', async () => {
  const one = await onAir()
  senders[0]!.onState('failed')
  expect(one.state.name).toBe('reconnecting')
  expect(senders[0]!.stop).toHaveBeenCalled()
  await pass(500)
  expect(one.state.name).toBe('sending')
  expect(senders).toHaveLength(2)
})

it('gives an unsure connection two seconds before it starts over', async () => {
  const one = await onAir()
  senders[0]!.onState('disconnected')
  await pass(1_000)
  senders[0]!.onState('connected')
  await pass(5_000)
  expect(senders).toHaveLength(1)
  senders[0]!.onState('disconnected')
  await pass(2_000)
  expect(one.state.name).toBe('reconnecting')
})

it('tries with growing pauses while the network is away, and at once when it is back', async () => {
  const one = await onAir()
  outcomes = [DOWN, DOWN, DOWN, 'connect']
  senders[0]!.onState('failed')
  await pass(500 + 1_000 + 2_000)
  expect(senders).toHaveLength(4)
  one.wake()
  await pass(0)
  expect(one.state.name).toBe('sending')
})

it('waits for its own ghost after a loss', async () => {
  const one = await onAir()
  outcomes = [ACTIVE, ACTIVE, 'connect']
  senders[0]!.onState('failed')
  await pass(500 + 1_000 + 1_000)
  expect(one.state.name).toBe('sending')
})

it('asks a person when another device keeps sending, and takes over only then', async () => {
  const one = await onAir()
  outcomes = Array.from({ length: 12 }, () => ACTIVE)
  senders[0]!.onState('failed')
  await pass(10_000)
  expect(one.state.name).toBe('occupied')
  outcomes = ['connect']
  one.takeOver()
  await pass(0)
  expect(senders[senders.length - 1]!.publish).toHaveBeenCalledWith(tracks, LIMITS, true)
  expect(one.state.name).toBe('sending')
})

it('does not wait for a ghost on the first start', async () => {
  outcomes = [ACTIVE]
  const one = publisher()
  one.start(tracks, LIMITS)
  await pass(0)
  expect(one.state.name).toBe('occupied')
})

it('does wait after a reload of the page', async () => {
  outcomes = [ACTIVE, 'connect']
  const one = publisher()
  one.start(tracks, LIMITS, { resuming: true })
  await pass(1_000)
  expect(one.state.name).toBe('sending')
})

it('fetches a new token once when the old one is refused', async () => {
  outcomes = [new WhipError(401, 'token_invalid', '令牌无效'), 'connect']
  const one = publisher()
  one.start(tracks, LIMITS)
  await pass(0)
  expect(renewals).toEqual([false, true])
  expect(one.state.name).toBe('sending')
})

it('stops trying when the server will never take it', async () => {
  outcomes = [new WhipError(422, 'h264_needed', '需要 H.264')]
  const one = publisher()
  one.start(tracks, LIMITS)
  await pass(60_000)
  expect(one.state).toEqual({ name: 'refused', code: 'h264_needed', detail: '需要 H.264' })
  expect(senders).toHaveLength(1)
})

it('starts over when a session never connects', async () => {
  outcomes = ['silent', 'connect']
  const one = publisher()
  one.start(tracks, LIMITS)
  await pass(12_000 + 500)
  expect(one.state.name).toBe('sending')
})

it('waits as long as the server asks', async () => {
  outcomes = [new WhipError(503, 'busy', '忙', 5), 'connect']
  const one = publisher()
  one.start(tracks, LIMITS)
  await pass(4_900)
  expect(one.state.name).toBe('reconnecting')
  await pass(200)
  expect(one.state.name).toBe('sending')
})

it('switches a camera in place, and begins a new session for a new kind of track', async () => {
  const one = await onAir()
  const other = {} as MediaStreamTrack
  await one.replace('video', other)
  expect(senders[0]!.replace).toHaveBeenCalledWith('video', other)
  senders[0]!.kinds = ['audio']
  await one.replace('video', other)
  await pass(500)
  expect(senders).toHaveLength(2)
})

it('stops trying once it is known that another device sends', async () => {
  const one = await onAir()
  outcomes = [ACTIVE]
  senders[0]!.onState('failed')
  await pass(600)
  one.yieldTo()
  await pass(30_000)
  expect(one.state.name).toBe('occupied')
  expect(senders).toHaveLength(2)
})

it('stays silent after it was stopped', async () => {
  const one = await onAir()
  await one.stop()
  senders[0]!.onState('closed')
  await pass(60_000)
  expect(one.state.name).toBe('idle')
  expect(senders).toHaveLength(1)
})
