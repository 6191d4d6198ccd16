/**
 * A call between the two browsers. What they say to each other to set it up goes through the sealed channel alone, so that the
 * fingerprints of the connection's keys (RFC 8122) are those of the other page, and nobody on the way can put his own between.
 *
 * Knows no Vue. Whoever rings makes the offer, once the other has accepted. Sound and picture have their places from the beginning,
 * so that the camera is switched on and off without a word about it between the browsers.
 */
import { pieces, type CallEnd, type CallSignal, type CallStep } from '@/sealed/content'
import { Own, type Shown } from './own'
import { Parts } from './parts'
import { candidatesOf, gathered } from './peer'
import { Timers } from './timers'
import { isExpected, NO_CALL, RINGS_FOR, type CallHooks, type CallView } from './view'

/** ms */
const BATCH = 400
const RESTORES_AFTER = 3_000
const RESTORES_AGAIN_AFTER = 8_000
const GIVES_UP_AFTER = 30_000
/** How the other side ends a call, in words. */
const ENDS: Partial<Record<CallStep, string>> = { decline: '对方现在不方便接听', busy: '对方正在通话', cancel: '对方已取消', hangup: '通话已结束' }

export class Call {
  view = NO_CALL
  private peer: RTCPeerConnection | null = null
  private readonly own: Own
  private readonly parts = new Parts()
  private early: RTCIceCandidateInit[] = []
  private waiting: RTCIceCandidateInit[] = []
  /** What is found meanwhile goes along with the description. */
  private describing = false
  /** Another offer is due once the one that is out has its answer. */
  private owed = false
  private readonly timers = new Timers()
  private turn: Promise<void> = Promise.resolve()

  constructor(private readonly hooks: CallHooks) {
    this.own = new Own(hooks)
  }

  /** Ring the other side. */
  async ring(video: boolean): Promise<void> {
    if (this.view.state !== 'none') return
    const call = this.hooks.newId()
    this.set({ ...NO_CALL, state: 'calling', call, video })
    if (!(await this.openMedia(video)) || this.view.state === 'none') return
    if (this.view.call !== call) {
      // Meanwhile the other side has rung, and that is the call: it was said to be without a picture.
      if (this.view.camera) await this.say('camera', true)
      return
    }
    await this.say('ring')
    this.timers.later('ring', RINGS_FOR, () => void this.finish('cancelled', '对方没有接听'))
  }

  async accept(video: boolean): Promise<void> {
    if (this.view.state !== 'ringing') return
    this.timers.clear('ring')
    this.set({ state: 'connecting' })
    const { call } = this.view
    if (!(await this.openMedia(video)) || this.view.call !== call) return
    await this.say('accept', this.view.camera)
    this.timers.later('connect', GIVES_UP_AFTER, () => void this.finish('lost', '没有接通，请检查双方的网络后再试'))
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
    if (this.own.opening) return
    if (!on) await this.show(this.own.dark())
    else if (!(await this.see(() => this.own.look(this.own.lens)))) return
    await this.say('camera', on)
  }

  /** To the camera on the other side of the phone; the other browser need not be told. */
  async flip(): Promise<void> {
    if (this.own.opening || this.own.camera === null) return
    const { lens } = this.own
    const { call } = this.view
    const other = await this.own.other()
    if (this.view.call !== call) return
    if ((await this.see(() => this.own.look(other))) || (await this.see(() => this.own.look(lens)))) return
    if (this.view.call !== call) return
    await this.show(this.own.dark())
    await this.say('camera', false)
  }

  /** This page has a network again, perhaps another one: what was agreed on leads nowhere, though nobody has noticed yet. */
  async networkBack(): Promise<void> {
    if (this.peer === null) return
    if (this.view.incoming) await this.say('restart')
    else await this.restore()
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
    const ended = ENDS[signal.step]
    if (ended !== undefined) {
      this.close(ended)
      return
    }
    switch (signal.step) {
      case 'accept':
        if (this.view.state !== 'calling') return
        this.timers.clear('ring')
        this.set({ state: 'connecting', theirs: signal.video })
        this.timers.later('connect', GIVES_UP_AFTER, () => void this.finish('lost', '没有接通，请检查双方的网络后再试'))
        await this.offer(false)
        return
      case 'camera':
        this.set({ theirs: signal.video })
        return
      case 'restart':
        if (!this.view.incoming) void this.restore().catch(() => undefined)
        return
      default:
        if (isExpected(signal.step, this.view)) await this.described(signal)
    }
  }

  private async rung(signal: CallSignal): Promise<void> {
    const { state, call } = this.view
    if (state === 'none') {
      this.set({ ...NO_CALL, state: 'ringing', call: signal.call, video: signal.video, incoming: true, theirs: signal.video })
      this.timers.later('ring', RINGS_FOR, () => { this.close('') })
    } else if (state === 'calling') {
      // Both rang at once: the smaller id is the call, and both have said yes to it.
      if (signal.call > call) return
      this.timers.clear('ring')
      this.set({ call: signal.call, incoming: true, state: 'connecting', theirs: signal.video })
      await this.say('accept', this.view.camera)
      this.timers.later('connect', GIVES_UP_AFTER, () => void this.finish('lost', '没有接通，请检查双方的网络后再试'))
    } else if (signal.call !== call) {
      await this.hooks.send({ t: 'call', step: 'busy', call: signal.call, video: false, text: '', part: 0, of: 1 })
    }
  }

  private async described(signal: CallSignal): Promise<void> {
    const whole = this.parts.add(signal)
    if (whole === null) return
    if (signal.step === 'candidates') {
      for (const candidate of candidatesOf(whole)) await this.candidate(candidate)
      return
    }
    const peer = this.peer ?? (await this.connect())
    await peer.setRemoteDescription({ type: signal.step === 'offer' ? 'offer' : 'answer', sdp: whole })
    for (const candidate of this.early.splice(0)) await this.candidate(candidate)
    if (signal.step === 'answer') {
      if (this.owed) void this.restore().catch(() => undefined)
    } else {
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

  /**
   * Looks for another way between the two, as when a phone leaves the Wi-Fi (RFC 8445, section 9). One offer at a time: an answer does
   * not say which offer it is for, and while there is no network none comes.
   */
  private async restore(): Promise<void> {
    if (this.peer === null) return
    this.owed = this.describing || this.peer.signalingState !== 'stable'
    if (!this.owed) await this.offer(true)
  }

  /** Whoever has made the offer makes the next one too, again and again until somebody gives up. */
  private keepRestoring(after: number): void {
    if (this.view.incoming) return
    this.timers.later('restore', after, () => {
      void this.restore().catch(() => undefined)
      this.keepRestoring(RESTORES_AGAIN_AFTER)
    })
  }

  /** With what was found until now of the ways to this page; later ones follow by themselves. */
  private async describe(peer: RTCPeerConnection, step: 'offer' | 'answer'): Promise<void> {
    this.describing = true
    await gathered(peer)
    if (this.peer !== peer) return
    const sdp = peer.localDescription?.sdp ?? ''
    this.describing = false
    this.timers.clear('candidates')
    this.waiting = []
    const { call, video } = this.view
    for (const piece of pieces({ step, call, video }, sdp)) await this.hooks.send(piece)
  }

  private async connect(): Promise<RTCPeerConnection> {
    const { call } = this.view
    const iceServers = await this.hooks.servers().catch(() => []) // without them most calls get through
    if (this.view.call !== call) throw new Error('the call was over before it had begun')
    const peer = new RTCPeerConnection({ iceServers, bundlePolicy: 'max-bundle' })
    this.peer = peer
    const other = new MediaStream()
    peer.ontrack = ({ track }) => {
      other.addTrack(track)
      this.set({ other })
    }
    peer.onicecandidate = ({ candidate }) => {
      if (candidate === null || this.describing) return
      this.waiting.push(candidate.toJSON())
      this.timers.later('candidates', BATCH, () => void this.tellCandidates())
    }
    peer.onconnectionstatechange = () => {
      if (this.peer === peer) this.followed(peer.connectionState)
    }
    return peer
  }

  private followed(state: RTCPeerConnectionState): void {
    if (state === 'connected') {
      this.timers.clear('connect')
      this.timers.clear('restore')
      this.set({ state: 'talking', since: this.view.since || this.hooks.now() })
    } else if (state === 'disconnected' || state === 'failed') {
      this.set({ state: 'restoring' })
      if (!this.timers.has('connect')) this.timers.later('connect', GIVES_UP_AFTER, () => void this.finish('lost', '连接中断，没能恢复'))
      this.keepRestoring(state === 'failed' ? 0 : RESTORES_AFTER)
    }
  }

  private async tellCandidates(): Promise<void> {
    const found = this.waiting.splice(0)
    if (found.length === 0 || this.view.state === 'none') return
    const { call, video } = this.view
    for (const piece of pieces({ step: 'candidates', call, video }, JSON.stringify(found))) await this.hooks.send(piece)
  }

  private async attach(peer: RTCPeerConnection): Promise<void> {
    for (const { sender, receiver } of peer.getTransceivers()) {
      await sender.replaceTrack(receiver.track.kind === 'audio' ? this.own.microphone : this.own.camera)
    }
  }

  private async openMedia(video: boolean): Promise<boolean> {
    try {
      const shown = await this.own.begin(video)
      if (shown === null) return false
      this.set(shown)
      // Where both rang at once the other side may have been answered by now.
      if (this.peer !== null) await this.attach(this.peer).catch(() => undefined)
      return true
    } catch (error) {
      const { state } = this.view
      if (state === 'connecting') await this.finish('lost', this.hooks.inWords(error, video))
      else this.close(this.hooks.inWords(error, video))
      return false
    }
  }

  private async see(open: () => Promise<Shown | null>): Promise<boolean> {
    try {
      const shown = await open()
      if (shown !== null) await this.show({ ...shown, fault: '' })
      return shown !== null
    } catch (error) {
      this.set({ fault: this.hooks.inWords(error, true) })
      return false
    }
  }

  private async show(shown: Shown & { fault?: string }): Promise<void> {
    this.set(shown)
    const sender = this.peer?.getTransceivers().find(({ receiver }) => receiver.track.kind === 'video')?.sender
    await sender?.replaceTrack(this.own.camera)
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
    this.timers.clearAll()
    this.peer?.close()
    this.peer = null
    this.early = []
    this.waiting = []
    this.describing = false
    this.owed = false
    this.parts.clear()
    this.own.end()
    this.set({ ...NO_CALL, fault })
  }

  private set(change: Partial<CallView>): void {
    this.view = { ...this.view, ...change }
    this.hooks.changed(this.view)
  }
}
