import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { CallSignal } from '@/sealed/content'
import { Call } from './call'

/** A stream, of tracks that know their kind. */
class Tracks {
  constructor(private readonly tracks: readonly MediaStreamTrack[] = []) {}

  getTracks = () => this.tracks
  getAudioTracks = () => this.tracks.filter(({ kind }) => kind === 'audio')
  getVideoTracks = () => this.tracks.filter(({ kind }) => kind === 'video')
}

const stream = (...tracks: MediaStreamTrack[]) => new Tracks(tracks) as unknown as MediaStream

beforeEach(() => {
  vi.stubGlobal('MediaStream', Tracks)
})
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('devices that are allowed late', () => {
  /** A page whose owner has not said yet whether it may have microphone and camera; `allow` and `deny` answer the oldest question. */
  function asking() {
    const questions: { allow: () => void; deny: () => void }[] = []
    const open: string[] = []
    const track = (kind: string, name: string) => {
      open.push(name)
      return { kind, stop: () => { if (open.includes(name)) open.splice(open.indexOf(name), 1) }, getSettings: () => ({ facingMode: 'user' }) } as unknown as MediaStreamTrack
    }
    const said: string[] = []
    let ids = 0
    let asked = 0
    const call = new Call({
      send: ({ step, video }) => { said.push(`${step} ${String(video)}`); return Promise.resolve() },
      open: (microphone, lens) => new Promise((resolve, reject) => {
        const name = String(++asked)
        questions.push({
          allow: () => { resolve(stream(...(microphone ? [track('audio', `microphone ${name}`)] : []), ...(lens === null ? [] : [track('video', `camera ${name}`)]))) },
          deny: () => { reject(new Error('NotAllowedError')) },
        })
      }),
      ended: () => undefined, servers: () => Promise.resolve([]), cameras: () => Promise.resolve(['user']),
      inWords: () => '没有允许', changed: () => undefined, now: () => 0, newId: () => `mine-${String(++ids)}`,
    })
    const rings = (id: string): CallSignal => ({ t: 'call', step: 'ring', call: id, video: true, text: '', part: 0, of: 1 })
    const settled = async () => { for (let times = 0; times < 20; times += 1) await Promise.resolve() }
    return { call, open, said, rings, settled, allow: () => questions.shift()?.allow(), deny: () => questions.shift()?.deny() }
  }

  it('for a call that was given up are closed at once, also where another was begun meanwhile', async () => {
    const { call, open, said, settled, allow } = asking()
    void call.ring(true)
    await call.hangUp()
    void call.ring(true)
    allow()
    await settled()
    expect([open, said]).toEqual([[], ['cancel true']])
    allow()
    await settled()
    expect([open, call.view.state, said]).toEqual([['microphone 2', 'camera 2'], 'calling', ['cancel true', 'ring true']])
    await call.hangUp()
    expect(open).toEqual([])
  })

  it('are not left open while the phone rings with another call, and that one may still be taken', async () => {
    const { call, open, rings, settled, allow } = asking()
    void call.ring(true)
    await call.hangUp()
    await call.hear(rings('theirs'), true)
    allow()
    await settled()
    expect(open).toEqual([])
    expect(call.view).toMatchObject({ state: 'ringing', camera: false })
    void call.accept(true)
    allow()
    await settled()
    expect(open).toEqual(['microphone 2', 'camera 2'])
    call.drop()
    expect(open).toEqual([])
  })

  it('that were denied to a call given up take no other one along', async () => {
    const { call, rings, settled, deny } = asking()
    void call.ring(true)
    await call.hangUp()
    await call.hear(rings('theirs'), true)
    deny()
    await settled()
    expect(call.view).toMatchObject({ state: 'ringing', call: 'theirs', fault: '' })
  })

  it('of a camera that is turned while the call ends are closed', async () => {
    const { call, open, settled, allow } = asking()
    void call.ring(true)
    allow()
    await settled()
    void call.flip()
    await settled()
    call.drop()
    allow()
    await settled()
    expect(open).toEqual([])
  })

  it('are given to the call that the other side rang at the same time', async () => {
    const given: unknown[] = []
    const sender = { replaceTrack: (track: unknown) => { given.push(track); return Promise.resolve() } }
    vi.stubGlobal('RTCPeerConnection', class {
      iceGatheringState = 'complete'
      localDescription = { sdp: 'v=0' }
      getTransceivers = () => [{ sender, receiver: { track: { kind: 'audio' } } }]
      createAnswer = () => Promise.resolve({})
      setLocalDescription = () => Promise.resolve()
      setRemoteDescription = () => Promise.resolve()
      close = () => undefined
    })
    const { call, open, said, rings, settled, allow } = asking()
    void call.ring(true)
    await call.hear(rings('earlier'), true)
    await call.hear({ ...rings('earlier'), step: 'offer', text: 'v=0' }, true)
    expect([call.view.state, said, given]).toEqual(['connecting', ['accept false', 'answer true'], [null]])
    allow()
    await settled()
    expect(open).toEqual(['microphone 1', 'camera 1'])
    expect(given[1]).toMatchObject({ kind: 'audio' })
    expect(said).toContain('camera true')
    call.drop()
    expect(open).toEqual([])
  })
})
