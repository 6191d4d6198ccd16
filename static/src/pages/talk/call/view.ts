/** A call as it is shown, and what it needs of the page around it. */
import type { CallEnd, CallSignal, CallStep } from '@/sealed/content'

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

/**
 * Whether a description of the connection may come now. It tells where a device is, and answering one opens the line: not before both have
 * said yes. And each side has its own part in it: whoever rang offers, the other answers.
 */
export function isExpected(step: CallStep, { state, incoming }: Pick<CallView, 'state' | 'incoming'>): boolean {
  if (state !== 'connecting' && state !== 'talking' && state !== 'restoring') return false
  return step === 'candidates' || step === (incoming ? 'offer' : 'answer')
}
