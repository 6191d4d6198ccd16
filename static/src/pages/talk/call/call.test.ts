import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CallEnd, CallSignal, CallStep } from '@/sealed/content'
import { Call } from './call'
import type { Lens } from './lens'
import type { CallView } from './view'

/** A stream, of tracks that know their kind. */
class Tracks {
  constructor(private readonly tracks: readonly MediaStreamTrack[] = []) {}

  getTracks = () => this.tracks
  getAudioTracks = () => this.tracks.filter(({ kind }) => kind === 'audio')
  getVideoTracks = () => this.tracks.filter(({ kind }) => kind === 'video')
}

const stream = (...tracks: MediaStreamTrack[]) => new Tracks(tracks) as unknown as MediaStream

/**
 * Two pages without a way for sound between them: what they say to each other is what is looked at. It has been heard once it was
 * sent or, as with a server between, is `heard` when the caller lets it.
 */
function two(heard: (word: () => Promise<void>) => Promise<void> = (word) => word()) {
  const said: string[] = []
  const ends: CallEnd[] = []
  let ids = 0
  const pages: Record<'a' | 'b', Call> = {} as never
  const page = (who: 'a' | 'b', other: 'a' | 'b') => {
    pages[who] = new Call({
      send: async (signal) => {
        said.push(`${who} ${signal.step}`)
        await heard(() => pages[other].hear(signal, true))
      },
      ended: (end) => ends.push(end),
      servers: () => Promise.resolve([]),
      open: () => Promise.resolve(stream()),
      cameras: () => Promise.resolve([]),
      inWords: () => '没有麦克风',
      changed: () => undefined,
      now: () => 1_000,
      newId: () => `call-${String(++ids)}-${who}`,
    })
  }
  page('a', 'b')
  page('b', 'a')
  return { ...pages, said, ends }
}

beforeEach(() => {
  vi.stubGlobal('MediaStream', Tracks)
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

describe('a call', () => {
  it('rings, and may be declined', async () => {
    const { a, b, said, ends } = two()
    await a.ring(true)
    expect(b.view).toMatchObject({ state: 'ringing', video: true, incoming: true })
    await b.decline()
    expect(said).toEqual(['a ring', 'b decline'])
    expect(a.view).toMatchObject({ state: 'none', fault: '对方现在不方便接听' })
    expect(ends).toEqual([{ t: 'call-end', call: 'call-1-a', video: true, how: 'declined', ms: 0 }])
  })

  it('may be given up before it is taken', async () => {
    const { a, b, ends } = two()
    await a.ring(false)
    await a.hangUp()
    expect(b.view).toMatchObject({ state: 'none', fault: '对方已取消' })
    expect(ends.map(({ how }) => how)).toEqual(['cancelled'])
  })

  it('is not rung into one that is under way', async () => {
    const { a, b, said } = two()
    await a.ring(false)
    await b.hear({ t: 'call', step: 'ring', call: 'other', video: false, text: '', part: 0, of: 1 }, true)
    expect(said).toContain('b busy')
    expect(b.view.call).toBe('call-1-a')
    expect(a.view.state).toBe('calling')
  })

  it('does not ring for what was said long ago, and words about another call change nothing', async () => {
    const { a } = two()
    const signal: CallSignal = { t: 'call', step: 'ring', call: 'x', video: false, text: '', part: 0, of: 1 }
    await a.hear(signal, false)
    expect(a.view.state).toBe('none')
    await a.ring(false)
    await a.hear({ ...signal, step: 'hangup' }, true)
    expect(a.view.state).toBe('calling')
  })

  it('is not begun without a microphone, and says why', async () => {
    const views: CallView[] = []
    const call = new Call({
      send: () => Promise.reject(new Error('rang')), ended: () => undefined, servers: () => Promise.resolve([]),
      open: () => Promise.reject(new Error('none')), cameras: () => Promise.resolve([]), inWords: () => '没有麦克风', changed: (view) => views.push(view), now: () => 0, newId: () => 'c',
    })
    await call.ring(false)
    expect(views[views.length - 1]).toMatchObject({ state: 'none', fault: '没有麦克风' })
  })
})

describe('a page that was not asked, or has not said yes', () => {
  const peers: string[] = []
  /** As much of a connection as it takes to see that there is one. */
  class Peer {
    iceGatheringState = 'complete'
    localDescription = { sdp: 'v=0 where this device is' }
    remoteDescription: unknown = null
    constructor() { peers.push('made') }
    setRemoteDescription({ type }: { type: string }): Promise<void> {
      this.remoteDescription = type
      return Promise.resolve()
    }
    setLocalDescription = (): Promise<void> => Promise.resolve()
    createAnswer = (): Promise<object> => Promise.resolve({})
    createOffer = (): Promise<object> => Promise.resolve({})
    addIceCandidate = (): Promise<void> => Promise.resolve()
    addTransceiver(): void { peers.push('place') }
    getTransceivers = (): [] => []
    close(): void { peers.push('closed') }
  }
  const signal = (step: CallStep, call: string): CallSignal => ({ t: 'call', step, call, video: false, text: step === 'candidates' ? '[]' : 'v=0', part: 0, of: 1 })

  function alone() {
    vi.stubGlobal('RTCPeerConnection', Peer)
    const said: string[] = []
    const call = new Call({
      send: ({ step }) => { said.push(step); return Promise.resolve() },
      ended: () => undefined, servers: () => Promise.resolve([]), open: () => Promise.resolve(stream()), cameras: () => Promise.resolve([]),
      inWords: () => '', changed: () => undefined, now: () => 1_000, newId: () => 'mine',
    })
    return { call, said }
  }

  afterEach(() => {
    peers.length = 0
  })

  it('answers no offer while it only rings: that would tell where it is, and open the line', async () => {
    const { call, said } = alone()
    await call.hear(signal('ring', 'theirs'), true)
    for (const step of ['offer', 'candidates', 'answer'] as const) await call.hear(signal(step, 'theirs'), true)
    expect([peers, said, call.view.state]).toEqual([[], [], 'ringing'])
    await call.accept(false)
    await call.hear(signal('offer', 'theirs'), true)
    expect([peers, said]).toEqual([['made'], ['accept', 'answer']])
  })

  it('that rings takes no description before the other has accepted, and no offer after', async () => {
    const { call, said } = alone()
    await call.ring(false)
    for (const step of ['offer', 'answer', 'candidates'] as const) await call.hear(signal(step, 'mine'), true)
    expect([peers, said]).toEqual([[], ['ring']])
    await call.hear(signal('accept', 'mine'), true)
    expect(said).toEqual(['ring', 'offer'])
    await call.hear(signal('offer', 'mine'), true)
    expect(said).toEqual(['ring', 'offer'])
  })
})

/** Of the browser's connection, what decides who may offer when. */
class Connection {
  static made: Connection[] = []
  signalingState = 'stable'
  connectionState = 'new'
  iceGatheringState = 'complete'
  localDescription: { sdp: string } | null = null
  remoteDescription: unknown = null
  restarts = 0
  onconnectionstatechange = () => undefined

  constructor() {
    Connection.made.push(this)
  }

  getTransceivers = () => [{ sender: { replaceTrack: () => Promise.resolve() }, receiver: { track: { kind: 'audio' } } }]
  createAnswer = () => Promise.resolve({ type: 'answer', sdp: 'answer' })
  close = () => undefined
  addIceCandidate = () => Promise.resolve()

  createOffer({ iceRestart }: { iceRestart: boolean }) {
    if (iceRestart) this.restarts += 1
    return Promise.resolve({ type: 'offer', sdp: `offer ${String(this.restarts)}` })
  }

  setLocalDescription({ type, sdp }: { type: string; sdp: string }) {
    this.signalingState = type === 'offer' ? 'have-local-offer' : 'stable'
    this.localDescription = { sdp }
    return Promise.resolve()
  }

  setRemoteDescription(description: { type: string }) {
    if ((description.type === 'answer') !== (this.signalingState === 'have-local-offer')) return Promise.reject(new Error('InvalidStateError'))
    this.signalingState = description.type === 'offer' ? 'have-remote-offer' : 'stable'
    this.remoteDescription = description
    return Promise.resolve()
  }

  becomes(state: string) {
    this.connectionState = state
    this.onconnectionstatechange()
  }
}

describe('a call whose way is gone', () => {
  /** Two that talk; `network.held` keeps back what is said, and `network.back()` delivers it. */
  async function talking() {
    Connection.made = []
    vi.stubGlobal('RTCPeerConnection', Connection)
    vi.useFakeTimers()
    const waiting: (() => Promise<void>)[] = []
    const network = {
      held: false,
      back() {
        network.held = false
        for (const word of waiting.splice(0)) void word()
      },
    }
    const pages = two((word) => {
      if (network.held) waiting.push(word)
      else void word()
      return Promise.resolve()
    })
    await pages.a.ring(false)
    await vi.advanceTimersByTimeAsync(0)
    await pages.b.accept(false)
    await vi.advanceTimersByTimeAsync(0)
    const [first, second] = Connection.made as [Connection, Connection]
    for (const peer of Connection.made) peer.becomes('connected')
    expect([pages.a.view.state, pages.b.view.state]).toEqual(['talking', 'talking'])
    return { ...pages, first, second, network }
  }

  it('is looked for again by whoever rang, until there is one', async () => {
    const { a, b, first, second } = await talking()
    for (const peer of [first, second]) peer.becomes('disconnected')
    expect([a.view.state, b.view.state]).toEqual(['restoring', 'restoring'])
    await vi.advanceTimersByTimeAsync(3_000)
    expect([first.restarts, second.restarts]).toEqual([1, 0])
    await vi.advanceTimersByTimeAsync(8_000)
    expect(first.restarts).toBe(2)
    for (const peer of [first, second]) peer.becomes('connected')
    expect([a.view.state, b.view.state]).toEqual(['talking', 'talking'])
    await vi.advanceTimersByTimeAsync(60_000)
    expect(first.restarts).toBe(2)
    expect(a.view.state).toBe('talking')
  })

  it('is given up after half a minute', async () => {
    const { a, b, first, ends } = await talking()
    first.becomes('disconnected')
    await vi.advanceTimersByTimeAsync(30_000)
    expect(a.view).toMatchObject({ state: 'none', fault: '连接中断，没能恢复' })
    expect(b.view.state).toBe('none')
    expect(ends.map(({ how }) => how)).toEqual(['lost'])
  })

  it('is looked for at once where a network comes back, on either side', async () => {
    const { a, b, said, first } = await talking()
    await a.networkBack()
    await vi.advanceTimersByTimeAsync(0)
    expect(first.restarts).toBe(1)
    await b.networkBack()
    await vi.advanceTimersByTimeAsync(0)
    expect(said).toContain('b restart')
    expect(first.restarts).toBe(2)
  })

  it('is offered one at a time: an answer that comes late is not taken for that to another offer', async () => {
    const { said, first, network } = await talking()
    network.held = true
    first.becomes('disconnected')
    await vi.advanceTimersByTimeAsync(3_000)
    first.becomes('failed')
    await vi.advanceTimersByTimeAsync(1_000)
    expect(first.restarts).toBe(1)
    network.back()
    await vi.advanceTimersByTimeAsync(0)
    expect(first.restarts).toBe(2)
    expect(first.signalingState).toBe('stable')
    expect(said.filter((each) => each === 'a offer')).toHaveLength(3)
    expect(said.filter((each) => each === 'b answer')).toHaveLength(3)
  })
})

describe('the cameras of a phone', () => {
  /** In a call with the front camera; the one at the back may be taken by another program. */
  async function filming(back: boolean) {
    const asked: [boolean, Lens | null][] = []
    const stopped: (string | undefined)[] = []
    const said: string[] = []
    const track = (kind: string, facingMode?: string) => ({ kind, stop: () => stopped.push(facingMode), getSettings: () => ({ deviceId: facingMode, facingMode }) }) as unknown as MediaStreamTrack
    const call = new Call({
      send: ({ step, video }) => { said.push(`${step} ${String(video)}`); return Promise.resolve() },
      open(microphone, lens) {
        asked.push([microphone, lens])
        if (lens?.facing === 'environment' && !back) return Promise.reject(new Error('NotReadableError'))
        return Promise.resolve(stream(...(microphone ? [track('audio')] : []), ...(lens === null ? [] : [track('video', lens.facing)])))
      },
      ended: () => undefined, servers: () => Promise.resolve([]), cameras: () => Promise.resolve(['user', 'environment']),
      inWords: () => '摄像头被占用', changed: () => undefined, now: () => 0, newId: () => 'c',
    })
    await call.ring(true)
    return { call, asked, said, stopped }
  }

  it('are used one at a time, and the microphone is not asked for again', async () => {
    const { call, asked, said, stopped } = await filming(true)
    expect(call.view).toMatchObject({ camera: true, mirrored: true, lenses: 2 })
    await call.flip()
    expect(asked).toEqual([[true, { facing: 'user' }], [false, { facing: 'environment' }]])
    expect(stopped).toEqual(['user'])
    expect(call.view).toMatchObject({ camera: true, mirrored: false })
    expect(call.view.own?.getTracks().map(({ kind }) => kind)).toEqual(['audio', 'video'])
    expect(said).toEqual(['ring true'])
  })

  it('is the one from before where the other does not open', async () => {
    const { call, asked, said } = await filming(false)
    await call.flip()
    expect(asked.map(([, lens]) => lens?.facing)).toEqual(['user', 'environment', 'user'])
    expect(call.view).toMatchObject({ camera: true, mirrored: true })
    expect(said).toEqual(['ring true'])
  })

  it('stay as they were chosen when the picture is switched off and on', async () => {
    const { call, said } = await filming(true)
    await call.flip()
    await call.setCamera(false)
    expect(call.view).toMatchObject({ camera: false, lenses: 0 })
    await call.setCamera(true)
    expect(call.view).toMatchObject({ camera: true, mirrored: false })
    expect(said).toEqual(['ring true', 'camera false', 'camera true'])
  })
})
