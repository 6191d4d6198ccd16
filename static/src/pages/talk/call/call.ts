/**
 * A call between the two browsers. What they say to each other to set it up goes through the sealed channel alone, so that the
 * fingerprints of the connection's keys (RFC 8122) are those of the other page, and nobody on the way can put his own between.
 *
 * Knows no Vue. Whoever rings makes the offer, once the other has accepted. Sound and picture have their places from the beginning,
 * so that the camera is switched on and off without a word about it between the browsers.
 */
import { pieces, type CallEnd, type CallSignal, type CallStep } from '@/sealed/content'
import { candidatesOf, gathered, stop } from './peer'
import { isExpected, NO_CALL, RINGS_FOR, type CallHooks, type CallView } from './view'

/** ms */
const BATCH = 400
const RESTORES_AFTER = 3_000
const GIVES_UP_AFTER = 30_000

export class Call {
  view = NO_CALL
  private peer: RTCPeerConnection | null = null
  private camera: MediaStreamTrack | null = null
  private facing: 'user' | 'environment' = 'user'
  private readonly parts = new Map<string, string[]>()
  private early: RTCIceCandidateInit[] = []
  private waiting: RTCIceCandidateInit[] = []
  /** What is found meanwhile goes along with the description. */
  private describing = false
  private timers = new Map<string, ReturnType<typeof setTimeout>>()
  private turn: Promise<void> = Promise.resolve()

  constructor(private readonly hooks: CallHooks) {}

  /** Ring the other side. */
  async ring(video: boolean): Promise<void> {
    if (this.view.state !== 'none') return
    const call = this.hooks.newId()
    this.set({ ...NO_CALL, state: 'calling', call, video })
    // Meanwhile the other side may have rung, and that is the call.
    if (!(await this.openMedia(video)) || this.view.call !== call) return
    await this.say('ring')
    this.later('ring', RINGS_FOR, () => void this.finish('cancelled', '对方没有接听'))
  }

  async accept(video: boolean): Promise<void> {
    if (this.view.state !== 'ringing') return
    this.clear('ring')
    this.set({ state: 'connecting' })
    const { call } = this.view
    if (!(await this.openMedia(video)) || this.view.call !== call) return
    await this.say('accept', this.view.camera)
    this.later('connect', GIVES_UP_AFTER, () => void this.finish('lost', '没有接通，请检查双方的网络后再试'))
  }

  async decline(): Promise<void> {
    if (this.view.state === 'ringing') await this.finish('declined', '', 'decline')
  }

  async hangUp(): Promise<void> {
    const { state } = this.view
    if (state === 'ringing') await this.decline()
    else if (state === 'calling') await this.finish('cancelled')
    else if (state !== 'none') await this.finish('over')
  }

  /** The talk is over, or the page goes: without a word more. */
  drop(): void {
    if (this.view.state !== 'none') this.close('')
  }

  dismiss(): void {
    if (this.view.state === 'none') this.set({ ...NO_CALL })
  }

  mute(muted: boolean): void {
    for (const track of this.view.own?.getAudioTracks() ?? []) track.enabled = !muted
    this.set({ muted })
  }

  async setCamera(on: boolean): Promise<void> {
    if (!on) {
      this.camera?.stop()
      this.camera = null
      await this.sender()?.replaceTrack(null)
      this.show(null)
    } else if (!(await this.openCamera())) return
    await this.say('camera', on)
  }

  async flip(): Promise<void> {
    this.facing = this.facing === 'user' ? 'environment' : 'user'
    this.camera?.stop() // phones open one camera at a time
    await this.openCamera()
  }

  /** What the other side says, in its order. `fresh`: it was said just now, not before this page was opened. */
  hear(signal: CallSignal, fresh: boolean): Promise<void> {
    this.turn = this.turn.then(() => this.heard(signal, fresh)).catch(() => undefined)
    return this.turn
  }

  private async heard(signal: CallSignal, fresh: boolean): Promise<void> {
    if (signal.step === 'ring') {
      if (fresh) await this.rung(signal)
      return
    }
    if (signal.call !== this.view.call || this.view.state === 'none') return
    switch (signal.step) {
      case 'accept':
        if (this.view.state !== 'calling') return
        this.clear('ring')
        this.set({ state: 'connecting', theirs: signal.video })
        this.later('connect', GIVES_UP_AFTER, () => void this.finish('lost', '没有接通，请检查双方的网络后再试'))
        await this.offer(false)
        return
      case 'decline':
        this.close('对方现在不方便接听')
        return
      case 'busy':
        this.close('对方正在通话')
        return
      case 'cancel':
        this.close('对方已取消')
        return
      case 'hangup':
        this.close('通话已结束')
        return
      case 'camera':
        this.set({ theirs: signal.video })
        return
      default:
        if (isExpected(signal.step, this.view)) await this.described(signal)
    }
  }

  private async rung(signal: CallSignal): Promise<void> {
    const { state, call } = this.view
    if (state === 'none') {
      this.set({ ...NO_CALL, state: 'ringing', call: signal.call, video: signal.video, incoming: true, theirs: signal.video })
      this.later('ring', RINGS_FOR, () => { this.close('') })
    } else if (state === 'calling') {
      // Both rang at once: the smaller id is the call, and both have said yes to it.
      if (signal.call > call) return
      this.clear('ring')
      this.set({ call: signal.call, incoming: true, state: 'connecting', theirs: signal.video })
      await this.say('accept', this.view.camera)
      this.later('connect', GIVES_UP_AFTER, () => void this.finish('lost', '没有接通，请检查双方的网络后再试'))
    } else if (signal.call !== call) {
      await this.hooks.send({ t: 'call', step: 'busy', call: signal.call, video: false, text: '', part: 0, of: 1 })
    }
  }

  private async described(signal: CallSignal): Promise<void> {
    const whole = this.whole(signal)
    if (whole === null) return
    if (signal.step === 'candidates') {
      for (const candidate of candidatesOf(whole)) await this.candidate(candidate)
      return
    }
    const peer = this.peer ?? (await this.connect())
    await peer.setRemoteDescription({ type: signal.step === 'offer' ? 'offer' : 'answer', sdp: whole })
    for (const candidate of this.early.splice(0)) await this.candidate(candidate)
    if (signal.step === 'offer') {
      for (const transceiver of peer.getTransceivers()) transceiver.direction = 'sendrecv'
      await this.attach(peer)
      this.describing = true
      await peer.setLocalDescription(await peer.createAnswer())
      await this.describe(peer, 'answer')
    }
  }

  private async candidate(candidate: RTCIceCandidateInit): Promise<void> {
    if (this.peer?.remoteDescription == null) this.early.push(candidate)
    else await this.peer.addIceCandidate(candidate).catch(() => undefined)
  }

  private async offer(restart: boolean): Promise<void> {
    const peer = this.peer ?? (await this.connect())
    if (peer.getTransceivers().length === 0) {
      peer.addTransceiver('audio', { direction: 'sendrecv' })
      peer.addTransceiver('video', { direction: 'sendrecv' })
      await this.attach(peer)
    }
    this.describing = true
    await peer.setLocalDescription(await peer.createOffer({ iceRestart: restart }))
    await this.describe(peer, 'offer')
  }

  /** With what was found until now of the ways to this page; later ones follow by themselves. */
  private async describe(peer: RTCPeerConnection, step: 'offer' | 'answer'): Promise<void> {
    this.describing = true
    await gathered(peer)
    const sdp = peer.localDescription?.sdp ?? ''
    this.describing = false
    this.clear('candidates')
    this.waiting = []
    const { call, video } = this.view
    for (const piece of pieces({ step, call, video }, sdp)) await this.hooks.send(piece)
  }

  private async connect(): Promise<RTCPeerConnection> {
    const peer = new RTCPeerConnection({ iceServers: await this.hooks.servers(), bundlePolicy: 'max-bundle' })
    this.peer = peer
    const other = new MediaStream()
    peer.ontrack = ({ track }) => {
      other.addTrack(track)
      this.set({ other })
    }
    peer.onicecandidate = ({ candidate }) => {
      if (candidate === null || this.describing) return
      this.waiting.push(candidate.toJSON())
      this.later('candidates', BATCH, () => void this.tellCandidates())
    }
    peer.onconnectionstatechange = () => {
      if (this.peer === peer) this.followed(peer.connectionState)
    }
    return peer
  }

  private followed(state: RTCPeerConnectionState): void {
    if (state === 'connected') {
      this.clear('connect')
      this.clear('restore')
      this.set({ state: 'talking', since: this.view.since || this.hooks.now() })
    } else if (state === 'disconnected' || state === 'failed') {
      this.set({ state: 'restoring' })
      if (!this.timers.has('connect')) this.later('connect', GIVES_UP_AFTER, () => void this.finish('lost', '连接中断，没能恢复'))
      // Whoever made the offer looks for another way, as when a phone leaves the Wi-Fi.
      if (!this.view.incoming) this.later('restore', state === 'failed' ? 0 : RESTORES_AFTER, () => void this.offer(true).catch(() => undefined))
    }
  }

  private async tellCandidates(): Promise<void> {
    const found = this.waiting.splice(0)
    if (found.length === 0 || this.view.state === 'none') return
    const { call, video } = this.view
    for (const piece of pieces({ step: 'candidates', call, video }, JSON.stringify(found))) await this.hooks.send(piece)
  }

  private async attach(peer: RTCPeerConnection): Promise<void> {
    const audio = this.view.own?.getAudioTracks()[0]
    for (const { sender, receiver } of peer.getTransceivers()) {
      const track = receiver.track.kind === 'audio' ? audio : this.camera
      await sender.replaceTrack(track ?? null)
    }
  }

  private sender(): RTCRtpSender | undefined {
    return this.peer?.getTransceivers().find(({ receiver }) => receiver.track.kind === 'video')?.sender
  }

  private async openMedia(video: boolean): Promise<boolean> {
    try {
      const own = await this.hooks.open(video, this.facing)
      if (this.view.state === 'none') {
        stop(own) // it was over before the device had opened
        return false
      }
      this.camera = own.getVideoTracks()[0] ?? null
      this.set({ own, camera: this.camera !== null })
      return true
    } catch (error) {
      const { state } = this.view
      if (state === 'connecting') await this.finish('lost', this.hooks.inWords(error, video))
      else this.close(this.hooks.inWords(error, video))
      return false
    }
  }

  private async openCamera(): Promise<boolean> {
    try {
      const stream = await this.hooks.open(true, this.facing)
      for (const track of stream.getAudioTracks()) track.stop()
      const [track = null] = stream.getVideoTracks()
      if (this.view.state === 'none') {
        stop(stream)
        return false
      }
      this.camera = track
      await this.sender()?.replaceTrack(track)
      this.show(track)
      return true
    } catch (error) {
      this.show(null)
      this.set({ fault: this.hooks.inWords(error, true) })
      return false
    }
  }

  private show(track: MediaStreamTrack | null): void {
    const audio = this.view.own?.getAudioTracks() ?? []
    this.set({ own: new MediaStream(track === null ? audio : [...audio, track]), camera: track !== null })
  }

  private whole({ step, call, text, part, of }: CallSignal): string | null {
    if (of === 1) return text
    const key = `${call} ${step}`
    const parts = part === 0 ? [] : (this.parts.get(key) ?? [])
    parts[part] = text
    this.parts.set(key, parts)
    if (parts.filter((each) => typeof each === 'string').length < of) return null
    this.parts.delete(key)
    return parts.join('')
  }

  private async say(step: CallStep, video = this.view.video): Promise<void> {
    await this.hooks.send({ t: 'call', step, call: this.view.call, video, text: '', part: 0, of: 1 })
  }

  /** Ended by this side, which tells of it. */
  private async finish(how: CallEnd['how'], fault = '', step: CallStep = how === 'cancelled' ? 'cancel' : 'hangup'): Promise<void> {
    const { call, video, since, state } = this.view
    if (state === 'none') return
    const signal: CallSignal = { t: 'call', step, call, video, text: '', part: 0, of: 1 }
    this.close(fault)
    this.hooks.ended({ t: 'call-end', call, video, how, ms: since === 0 ? 0 : Math.max(1, Math.round(this.hooks.now() - since)) })
    await this.hooks.send(signal)
  }

  private close(fault: string): void {
    for (const timer of this.timers.values()) clearTimeout(timer)
    this.timers.clear()
    this.peer?.close()
    this.peer = null
    this.early = []
    this.waiting = []
    this.describing = false
    this.parts.clear()
    if (this.view.own !== null) stop(this.view.own)
    this.camera?.stop()
    this.camera = null
    this.set({ ...NO_CALL, fault })
  }

  private later(name: string, ms: number, run: () => void): void {
    this.clear(name)
    this.timers.set(
      name,
      setTimeout(() => {
        this.timers.delete(name)
        run()
      }, ms),
    )
  }

  private clear(name: string): void {
    clearTimeout(this.timers.get(name))
    this.timers.delete(name)
  }

  private set(change: Partial<CallView>): void {
    this.view = { ...this.view, ...change }
    this.hooks.changed(this.view)
  }
}
