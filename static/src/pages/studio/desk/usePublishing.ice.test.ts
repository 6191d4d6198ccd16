import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { shallowRef } from 'vue'
import type { Broadcast, BroadcastStatus, Whip } from '@/api'
import { withSetup } from '@/core/testing'
import { useNetworkTest } from './useNetworkTest'
import { usePublishing } from './usePublishing'
import type { Sources } from './useSources'

const RELAY = { urls: 'turn:turn.example?transport=tcp', username: 'u', credential: 'c' }
const WHIP: Whip = {
  url: '/whip/b', token: 'first', expires_at: '2030-01-01T00:00:00.000Z',
  ice_servers: [{ urls: 'stun:stun.example', username: null, credential: null }, RELAY],
}
let configurations: RTCConfiguration[]
let answers: Response[]

class Peer {
  connectionState = 'new'
  iceGatheringState = 'complete'
  localDescription = { sdp: 'v=0' }
  onconnectionstatechange: () => void = () => undefined
  addTransceiver = vi.fn()
  getTransceivers = () => []
  getStats = () => Promise.resolve(new Map())
  createOffer = () => Promise.resolve({ type: 'offer', sdp: 'v=0' })
  setLocalDescription = () => Promise.resolve()
  close = vi.fn()
  constructor(configuration: RTCConfiguration) {
    configurations.push(configuration)
  }
  setRemoteDescription(): Promise<void> {
    this.connectionState = 'connected'
    this.onconnectionstatechange()
    return Promise.resolve()
  }
}

beforeEach(() => {
  vi.useFakeTimers()
  configurations = []
  answers = []
  vi.stubGlobal('RTCPeerConnection', Peer)
  vi.stubGlobal('MediaStream', Array)
  vi.stubGlobal('fetch', () => Promise.resolve(answers.shift() ?? new Response('v=0', { status: 201, headers: { Location: '/whip/b/s' } })))
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const sources = {
  picture: shallowRef('none'), video: shallowRef(null), audio: shallowRef({ kind: 'audio' }), choice: shallowRef({}), listen: () => undefined,
} as unknown as Sources

function studio(whip: Whip = WHIP) {
  const broadcast = shallowRef({ id: 'b', state: 'scheduled', whip } as Broadcast | null)
  const renewToken = () => Promise.resolve({ id: 'b', whip: { ...WHIP, token: 'second', ice_servers: [RELAY] } } as Broadcast)
  const status = () => Promise.resolve({ publishing: true } as BroadcastStatus)
  return withSetup({ renewToken, status }, () => {
    const publishing = usePublishing(broadcast, sources, (fresh) => { broadcast.value = fresh })
    return { publishing, test: useNetworkTest(publishing, () => false) }
  })
}

it('knows the way out of the network at its first attempt', async () => {
  const { result, unmount } = studio()
  result.publishing.start()
  await vi.waitFor(() => { expect(result.publishing.sending.value).toBe(true) })
  expect(configurations.map((each) => each.iceServers)).toEqual([[{ urls: 'stun:stun.example' }, RELAY]])
  unmount()
})

it('tests the network over the same way', async () => {
  const { result, unmount } = studio()
  void result.test.run()
  await vi.advanceTimersByTimeAsync(10)
  expect(configurations[0]?.iceServers).toContainEqual(RELAY)
  unmount()
})

it('takes the servers that come with a renewed token', async () => {
  answers = [new Response(JSON.stringify({ code: 'token_refused', detail: '' }), { status: 401 })]
  const { result, unmount } = studio()
  result.publishing.start()
  await vi.waitFor(() => { expect(result.publishing.sending.value).toBe(true) })
  expect(configurations[1]?.iceServers).toEqual([RELAY])
  unmount()
})
