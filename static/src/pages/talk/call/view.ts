/** A call as it is shown, and what it needs of the page around it. */
import type { CallEnd, CallSignal } from '@/sealed/content'

export type CallState = 'none' | 'calling' | 'ringing' | 'connecting' | 'talking' | 'restoring'

export interface CallView {
  state: CallState
  call: string
  /** Begun with the camera on. */
  video: boolean
  /** Rung by the other side. */
  incoming: boolean
  muted: boolean
  camera: boolean
  /** The other side's camera is on. */
  theirs: boolean
  /** ms by the page's clock, when the two heard each other first. */
  since: number
  /** What went wrong, in words. */
  fault: string
  own: MediaStream | null
  other: MediaStream | null
}

export const NO_CALL: CallView = {
  state: 'none', call: '', video: false, incoming: false, muted: false, camera: false, theirs: false, since: 0, fault: '', own: null, other: null,
}

export interface CallHooks {
  send: (signal: CallSignal) => Promise<void>
  /** For the list: told by whoever ends a call. */
  ended: (end: CallEnd) => void
  servers: () => Promise<RTCIceServer[]>
  /** Rejects with what getUserMedia says. */
  open: (video: boolean, facing: 'user' | 'environment') => Promise<MediaStream>
  inWords: (error: unknown, video: boolean) => string
  changed: (view: CallView) => void
  now: () => number
  newId: () => string
}

/** ms */
export const RINGS_FOR = 45_000
