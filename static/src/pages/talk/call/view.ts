/** A call as it is shown, and what it needs of the page around it. */
import type { CallEnd, CallSignal, CallStep } from '@/sealed/content'
import type { Lens } from './lens'

export type CallState = 'none' | 'calling' | 'ringing' | 'connecting' | 'talking' | 'restoring'

/** What there is to see of this side. */
export interface Seen {
  camera: boolean
  /** The own picture is shown as in a mirror. */
  mirrored: boolean
  /** Cameras to choose from; 0 while none is open. */
  lenses: number
}

export const DARK: Seen = { camera: false, mirrored: true, lenses: 0 }

export interface CallView extends Seen {
  state: CallState
  call: string
  /** Begun with the camera on. */
  video: boolean
  /** Rung by the other side. */
  incoming: boolean
  muted: boolean
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
  state: 'none', call: '', video: false, incoming: false, muted: false, ...DARK, theirs: false, since: 0, fault: '', own: null, other: null,
}

export interface CallHooks {
  send: (signal: CallSignal) => Promise<void>
  /** For the list: told by whoever ends a call. */
  ended: (end: CallEnd) => void
  servers: () => Promise<RTCIceServer[]>
  /** Rejects with what getUserMedia says. */
  open: (microphone: boolean, camera: Lens | null) => Promise<MediaStream>
  /** Ids of the cameras there are. */
  cameras: () => Promise<string[]>
  inWords: (error: unknown, video: boolean) => string
  changed: (view: CallView) => void
  now: () => number
  newId: () => string
}

/** ms */
export const RINGS_FOR = 45_000

/**
 * Whether a description of the connection may come now. It tells where a device is, and answering one opens the line: not before both have
 * said yes. And each side has its own part in it: whoever rang offers, the other answers.
 */
export function isExpected(step: CallStep, { state, incoming }: Pick<CallView, 'state' | 'incoming'>): boolean {
  if (state !== 'connecting' && state !== 'talking' && state !== 'restoring') return false
  return step === 'candidates' || step === (incoming ? 'offer' : 'answer')
}
