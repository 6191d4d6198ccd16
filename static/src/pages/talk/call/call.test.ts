import { afterEach, describe, expect, it, vi } from 'vitest'
import type { CallEnd, CallSignal, CallStep } from '@/sealed/content'
import type { Opened, Posted } from '../thread'
import { Call } from './call'
import { lastCall } from './last'
import type { CallView } from './view'

const stream = () => ({ getTracks: () => [], getAudioTracks: () => [], getVideoTracks: () => [] }) as unknown as MediaStream

/** Two pages without a way for sound between them: what they say to each other is what is looked at. */
function two() {
  const said: string[] = []
  const ends: CallEnd[] = []
  let ids = 0
  const pages: Record<'a' | 'b', Call> = {} as never
  const page = (who: 'a' | 'b', other: 'a' | 'b') => {
    pages[who] = new Call({
      send: async (signal) => {
        said.push(`${who} ${signal.step}`)
        await pages[other].hear(signal, true)
      },
      ended: (end) => ends.push(end),
      servers: () => Promise.resolve([]),
      open: () => Promise.resolve(stream()),
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
      open: () => Promise.reject(new Error('none')), inWords: () => '没有麦克风', changed: (view) => views.push(view), now: () => 0, newId: () => 'c',
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
  class Streams {
    addTrack = () => undefined
  }
  const signal = (step: CallStep, call: string): CallSignal => ({ t: 'call', step, call, video: false, text: step === 'candidates' ? '[]' : 'v=0', part: 0, of: 1 })

  function alone() {
    vi.stubGlobal('RTCPeerConnection', Peer)
    vi.stubGlobal('MediaStream', Streams)
    const said: string[] = []
    const call = new Call({
      send: ({ step }) => { said.push(step); return Promise.resolve() },
      ended: () => undefined, servers: () => Promise.resolve([]), open: () => Promise.resolve(stream()),
      inWords: () => '', changed: () => undefined, now: () => 1_000, newId: () => 'mine',
    })
    return { call, said }
  }

  afterEach(() => {
    vi.unstubAllGlobals()
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

describe('the last call, after a reload', () => {
  const word = (mine: boolean, step: CallStep, call = 'c'): { posted: Posted; opened: Opened } => ({
    posted: { mine, at: '2026-07-01T06:30:00.000Z' } as Posted,
    opened: { t: 'call', step, call, video: true, text: '', part: 0, of: 1 },
  })

  it('still rings while nobody has said a word', () => {
    expect(lastCall([word(false, 'ring')]).ring?.signal.call).toBe('c')
    expect(lastCall([word(true, 'ring')]).ring).toBeNull()
    expect(lastCall([word(false, 'ring'), word(false, 'cancel')]).ring).toBeNull()
    expect(lastCall([word(false, 'ring'), word(true, 'accept')])).toMatchObject({ ring: null, open: { call: 'c' } })
  })

  it('is over once somebody has ended it', () => {
    expect(lastCall([word(true, 'ring'), word(false, 'accept'), word(false, 'offer')]).open?.call).toBe('c')
    expect(lastCall([word(true, 'ring'), word(false, 'accept'), word(true, 'hangup')]).open).toBeNull()
    expect(lastCall([]).open).toBeNull()
  })
})
