/**
 * A WHIP publisher (RFC 9725): one POST with the offer, the session's address in Location, one DELETE. Knows no page and no Vue.
 *
 * Candidates go with the offer (no trickling): gathering is waited for, but never longer than `gatherFor`, since one slow
 * network adapter must not keep a host off the air. Video is H.264 alone, because that is what phones play without decoding
 * on the server; a browser that cannot send it is told so before it asks.
 */
import type { Whip } from '@/api'

export interface Tracks {
  video: MediaStreamTrack | null
  audio: MediaStreamTrack | null
}

export interface SendingLimits {
  /** bit/s; the encoder goes below it by itself when the uplink is narrow. */
  videoBitrate: number
  frameRate: number
  /** What gives way first on a narrow uplink. */
  keep: 'motion' | 'detail'
}

/** Where to send, and what is needed for it. WHIP itself names ICE servers only in its answer, too late for the attempt that asks. */
export type WhipTarget = Pick<Whip, 'url' | 'token' | 'ice_servers'>

export interface WhipEnvironment {
  fetch: typeof fetch
  createPeer: (configuration: RTCConfiguration) => RTCPeerConnection
  /** Codecs this browser can send, most wanted first; null where it cannot say. */
  videoCodecs: () => RTCRtpCodec[] | null
  gatherFor: number
  /** What a relative session address is relative to. */
  base: string
}

export const LIMITS: SendingLimits = { videoBitrate: 2_500_000, frameRate: 30, keep: 'motion' }

/** The server's refusal, or the reason why nothing could be asked (`status` 0). */
export class WhipError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly retryAfter: number | null = null,
  ) {
    super(`WHIP ${status} ${code}`)
    this.name = 'WhipError'
  }
}

export class WhipClient {
  /** The live connection; null before `publish` and after `stop`. */
  peer: RTCPeerConnection | null = null
  onState: (state: RTCPeerConnectionState) => void = () => undefined
  private session: string | null = null

  constructor(
    private readonly target: WhipTarget,
    private readonly environment: WhipEnvironment = browserEnvironment(),
  ) {}

  /** Resolves when the server has answered; `onState` tells when media flows. Throws WhipError and leaves nothing open. */
  async publish(tracks: Tracks, limits: SendingLimits, takeover = false): Promise<void> {
    const peer = this.environment.createPeer({ bundlePolicy: 'max-bundle', iceServers: iceServers(this.target) })
    this.peer = peer
    peer.onconnectionstatechange = () => {
      if (this.peer === peer) this.onState(peer.connectionState)
    }
    try {
      this.addTracks(peer, tracks, limits)
      await peer.setLocalDescription(await peer.createOffer())
      await gathered(peer, this.environment.gatherFor)
      const answer = await this.post(peer.localDescription?.sdp ?? '', takeover)
      if (this.peer !== peer) {
        await this.remove()
        throw new WhipError(0, 'stopped', '推流已停止')
      }
      await peer.setRemoteDescription({ type: 'answer', sdp: answer })
    } catch (error) {
      if (this.peer === peer) this.peer = null
      peer.close()
      if (error instanceof WhipError) throw error
      await this.remove()
      throw new WhipError(0, 'negotiation_failed', '与服务器协商失败，正在重试')
    }
  }

  /** Another camera, screen or slate in the running session; no new negotiation, viewers see no gap. */
  async replace(kind: 'video' | 'audio', track: MediaStreamTrack | null): Promise<boolean> {
    const sender = this.sender(kind)
    if (sender === null) return false
    await sender.replaceTrack(track)
    return true
  }

  has(kind: 'video' | 'audio'): boolean {
    return this.sender(kind) !== null
  }

  async stop(): Promise<void> {
    const peer = this.peer
    this.peer = null
    peer?.close()
    await this.remove()
  }

  private sender(kind: 'video' | 'audio'): RTCRtpSender | null {
    const carrying = this.peer?.getTransceivers().find((each) => each.receiver.track.kind === kind)
    return carrying?.sender ?? null
  }

  private addTracks(peer: RTCPeerConnection, tracks: Tracks, limits: SendingLimits): void {
    // One stream for both, so that they carry the same msid (RFC 9725 4.4.2).
    const stream = new MediaStream()
    if (tracks.audio !== null) {
      peer.addTransceiver(tracks.audio, { direction: 'sendonly', streams: [stream] })
    }
    if (tracks.video !== null) {
      const encoding = { maxBitrate: limits.videoBitrate, maxFramerate: limits.frameRate }
      const video = peer.addTransceiver(tracks.video, { direction: 'sendonly', streams: [stream], sendEncodings: [encoding] })
      this.preferH264(video)
      hint(tracks.video, limits.keep)
      void degrade(video.sender, limits.keep)
    }
  }

  private preferH264(video: RTCRtpTransceiver): void {
    const codecs = this.environment.videoCodecs()
    if (codecs === null) return
    const wanted = h264First(codecs)
    if (wanted.length === 0) throw new WhipError(0, 'h264_missing', '这个浏览器不能发送 H.264 视频')
    if (typeof video.setCodecPreferences === 'function') video.setCodecPreferences(wanted)
  }

  private async post(offer: string, takeover: boolean): Promise<string> {
    let response: Response
    try {
      response = await this.environment.fetch(this.target.url + (takeover ? '?takeover=1' : ''), {
        method: 'POST',
        headers: { 'Content-Type': 'application/sdp', Authorization: `Bearer ${this.target.token}` },
        body: offer,
      })
    } catch {
      throw new WhipError(0, 'unreachable', '网络不通，正在重试')
    }
    if (response.status !== 201) throw await refusal(response)
    const location = response.headers.get('Location')
    this.session = location === null ? null : new URL(location, new URL(this.target.url, this.environment.base)).href
    return response.text()
  }

  private async remove(): Promise<void> {
    const session = this.session
    this.session = null
    if (session === null) return
    // keepalive: it must still leave when the page is being closed. An answer nobody waits for may be lost.
    const headers = { Authorization: `Bearer ${this.target.token}` }
    await this.environment.fetch(session, { method: 'DELETE', keepalive: true, headers }).catch(() => undefined)
  }
}

/** H.264 with its retransmission, Constrained Baseline and packetization mode 1 in front: what every phone's decoder takes. */
export function h264First(codecs: RTCRtpCodec[]): RTCRtpCodec[] {
  const rank = (codec: RTCRtpCodec): number => {
    const format = codec.sdpFmtpLine ?? ''
    return (/profile-level-id=42e0/i.test(format) ? 0 : /profile-level-id=42/i.test(format) ? 1 : 2) + (/packetization-mode=1/.test(format) ? 0 : 3)
  }
  const h264 = codecs.filter((codec) => codec.mimeType.toLowerCase() === 'video/h264')
  if (h264.length === 0) return []
  const helpers = codecs.filter((codec) => /^video\/(rtx|red|ulpfec)$/i.test(codec.mimeType))
  return [...h264.sort((a, b) => rank(a) - rank(b)), ...helpers.filter((codec) => /rtx$/i.test(codec.mimeType))]
}

function iceServers({ ice_servers: servers }: WhipTarget): RTCIceServer[] {
  return servers.map(({ urls, username, credential }) => (username === null || credential === null ? { urls } : { urls, username, credential }))
}

async function refusal(response: Response): Promise<WhipError> {
  const problem = (await response.json().catch(() => ({}))) as { code?: string; detail?: string }
  const after = Number(response.headers.get('Retry-After'))
  return new WhipError(
    response.status,
    problem.code ?? `http_${response.status}`,
    problem.detail ?? '服务器拒绝了推流',
    after > 0 ? after : null,
  )
}

function gathered(peer: RTCPeerConnection, atMost: number): Promise<void> {
  if (peer.iceGatheringState === 'complete') return Promise.resolve()
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, atMost)
    peer.onicegatheringstatechange = () => {
      if (peer.iceGatheringState !== 'complete') return
      clearTimeout(timer)
      resolve()
    }
  })
}

function hint(track: MediaStreamTrack, keep: SendingLimits['keep']): void {
  if ('contentHint' in track) track.contentHint = keep
}

async function degrade(sender: RTCRtpSender, keep: SendingLimits['keep']): Promise<void> {
  try {
    const parameters: RTCRtpSendParameters & { degradationPreference?: string } = sender.getParameters()
    parameters.degradationPreference = keep === 'motion' ? 'maintain-framerate' : 'maintain-resolution'
    await sender.setParameters(parameters)
  } catch {
    // A wish only; browsers without it balance by themselves.
  }
}

export function browserEnvironment(): WhipEnvironment {
  return {
    fetch: (input, options) => fetch(input, options),
    createPeer: (configuration) => new RTCPeerConnection(configuration),
    videoCodecs: () => (typeof RTCRtpSender.getCapabilities === 'function' ? (RTCRtpSender.getCapabilities('video')?.codecs ?? []) : null),
    gatherFor: 1_500,
    base: location.href,
  }
}
