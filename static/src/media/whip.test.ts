import { beforeEach, expect, it, vi } from 'vitest'
import { h264First, LIMITS, WhipClient, WhipError, type WhipEnvironment } from './whip'

const codec = (mimeType: string, sdpFmtpLine = ''): RTCRtpCodec => ({ mimeType, sdpFmtpLine, clockRate: 90_000 })
const BASELINE = codec('video/H264', 'packetization-mode=1;profile-level-id=42e01f')
const HIGH = codec('video/H264', 'packetization-mode=1;profile-level-id=640c1f')
const MODE0 = codec('video/H264', 'packetization-mode=0;profile-level-id=42e01f')
const VP8 = codec('video/VP8')
const RTX = codec('video/rtx')

class Transceiver {
  sender = { replaceTrack: vi.fn(() => Promise.resolve()), getParameters: () => ({}), setParameters: vi.fn(() => Promise.resolve()) }
  receiver: { track: { kind: string } }
  setCodecPreferences = vi.fn()
  constructor(
    readonly track: { kind: string },
    readonly init: { sendEncodings?: { maxBitrate: number }[]; direction: string },
  ) {
    this.receiver = { track: { kind: track.kind } }
  }
}

class Peer {
  connectionState = 'new'
  iceGatheringState = 'gathering'
  localDescription: { sdp: string } | null = null
  transceivers: Transceiver[] = []
  closed = false
  onconnectionstatechange: () => void = () => undefined
  onicegatheringstatechange: () => void = () => undefined
  setRemoteDescription = vi.fn(() => Promise.resolve())
  addTransceiver(track: { kind: string }, options: Transceiver['init']): Transceiver {
    const added = new Transceiver(track, options)
    this.transceivers.push(added)
    return added
  }
  getTransceivers = () => this.transceivers
  createOffer = () => Promise.resolve({ type: 'offer', sdp: 'v=0' })
  setLocalDescription(description: { sdp: string }): Promise<void> {
    this.localDescription = description
    return Promise.resolve()
  }
  close(): void {
    this.closed = true
  }
  is(state: string): void {
    this.connectionState = state
    this.onconnectionstatechange()
  }
}

const track = (kind: string) => ({ kind }) as unknown as MediaStreamTrack
const tracks = { video: track('video'), audio: track('audio') }
const ICE = [
  { urls: 'stun:stun.example', username: null, credential: null },
  { urls: 'turn:turn.example', username: 'u', credential: 'c' },
]
let peer: Peer
let configured: RTCConfiguration
let answers: Response[]
let asked: [string, RequestInit][]

function environment(codecs: RTCRtpCodec[] | null = [VP8, RTX, HIGH, BASELINE]): WhipEnvironment {
  return {
    fetch: (input, options) => {
      asked.push([input as string, options ?? {}])
      const answer = answers.shift()
      return answer === undefined ? Promise.reject(new TypeError('down')) : Promise.resolve(answer)
    },
    createPeer: (configuration) => {
      configured = configuration
      return peer as unknown as RTCPeerConnection
    },
    videoCodecs: () => codecs,
    gatherFor: 10,
    base: 'https://site.example/studio/b',
  }
}

const created = () => new Response('answer-sdp', { status: 201, headers: { Location: '/whip/b/s1' } })
const client = (codecs?: RTCRtpCodec[] | null) => new WhipClient({ url: '/whip/b', token: 'secret', ice_servers: ICE }, environment(codecs))

beforeEach(() => {
  vi.stubGlobal('MediaStream', Array)
  peer = new Peer()
  answers = [created()]
  asked = []
})

it('posts the offer with the token and takes the answer', async () => {
  await client().publish(tracks, LIMITS)
  const [url, init] = asked[0]!
  expect(url).toBe('/whip/b')
  expect(init).toMatchObject({ method: 'POST', body: 'v=0', headers: { 'Content-Type': 'application/sdp', Authorization: 'Bearer secret' } })
  expect(peer.setRemoteDescription).toHaveBeenCalledWith({ type: 'answer', sdp: 'answer-sdp' })
})

it('has the servers that lead out of its network from the first attempt on', async () => {
  await client().publish(tracks, LIMITS)
  expect(configured.iceServers).toEqual([{ urls: 'stun:stun.example' }, { urls: 'turn:turn.example', username: 'u', credential: 'c' }])
})

it('sends only, in H.264, under the bitrate limit', async () => {
  await client().publish(tracks, LIMITS)
  const [audio, video] = peer.transceivers
  expect(audio!.init.direction).toBe('sendonly')
  expect(video!.init.sendEncodings![0]!.maxBitrate).toBe(2_500_000)
  expect(video!.setCodecPreferences).toHaveBeenCalledWith([BASELINE, HIGH, RTX])
})

it('publishes sound alone without a video section', async () => {
  await client([]).publish({ video: null, audio: track('audio') }, LIMITS)
  expect(peer.transceivers.map((each) => each.track.kind)).toEqual(['audio'])
})

it('says that H.264 is missing before it asks the server', async () => {
  await expect(client([VP8]).publish(tracks, LIMITS)).rejects.toMatchObject({ code: 'h264_missing' })
  expect(asked).toEqual([])
  expect(peer.closed).toBe(true)
})

it('gives the refusal of the server with its code and leaves nothing open', async () => {
  answers = [new Response(JSON.stringify({ code: 'publisher_active', detail: '另一台设备正在推流' }), { status: 409 })]
  const refused = client().publish(tracks, LIMITS)
  await expect(refused).rejects.toBeInstanceOf(WhipError)
  await expect(refused).rejects.toMatchObject({ status: 409, code: 'publisher_active', detail: '另一台设备正在推流' })
  expect(peer.closed).toBe(true)
})

it('takes over only when told to', async () => {
  await client().publish(tracks, LIMITS, true)
  expect(asked[0]![0]).toBe('/whip/b?takeover=1')
})

it('deletes its session with the token when it stops', async () => {
  const whip = client()
  await whip.publish(tracks, LIMITS)
  await whip.stop()
  const [url, init] = asked[1]!
  expect(url).toBe('https://site.example/whip/b/s1')
  expect(init).toMatchObject({ method: 'DELETE', keepalive: true, headers: { Authorization: 'Bearer secret' } })
  expect(peer.closed).toBe(true)
})

it('deletes a session whose answer it cannot take', async () => {
  peer.setRemoteDescription = vi.fn(() => Promise.reject(new Error('bad answer')))
  await expect(client().publish(tracks, LIMITS)).rejects.toMatchObject({ code: 'negotiation_failed' })
  expect(asked[1]![1].method).toBe('DELETE')
})

it('tells the state of the connection until it is stopped', async () => {
  const whip = client()
  const states: string[] = []
  whip.onState = (state) => states.push(state)
  await whip.publish(tracks, LIMITS)
  peer.is('connected')
  await whip.stop()
  peer.is('closed')
  expect(states).toEqual(['connected'])
})

it('replaces a track in place and says so when there is none to replace', async () => {
  const whip = client()
  await whip.publish({ video: null, audio: track('audio') }, LIMITS)
  expect(await whip.replace('audio', track('audio'))).toBe(true)
  expect(await whip.replace('video', track('video'))).toBe(false)
})

it('is unreachable when the network is down', async () => {
  answers = []
  await expect(client().publish(tracks, LIMITS)).rejects.toMatchObject({ status: 0, code: 'unreachable' })
})

it('puts the baseline every phone decodes first', () => {
  expect(h264First([HIGH, MODE0, VP8, BASELINE, RTX])).toEqual([BASELINE, HIGH, MODE0, RTX])
  expect(h264First([VP8, RTX])).toEqual([])
})
