/** Which camera a call looks through. Pure. */

export type Facing = 'user' | 'environment'

/** `device`: this very camera, where it is not known which way it looks. */
export interface Lens {
  facing: Facing
  device?: string
}

export const FRONT: Lens = { facing: 'user' }

/** Of `getSettings`. */
interface Look {
  deviceId?: string | undefined
  facingMode?: string | undefined
}

/** Phones say which way a camera looks, and have several that look the same way; elsewhere one is taken after the other. */
export function otherLens({ deviceId, facingMode }: Look, cameras: readonly string[]): Lens {
  if (facingMode === 'user' || facingMode === 'environment') return { facing: facingMode === 'user' ? 'environment' : 'user' }
  const next = cameras[(cameras.indexOf(deviceId ?? '') + 1) % cameras.length]
  return next === undefined ? FRONT : { ...FRONT, device: next }
}

/** One's own face is shown as in a mirror; what a camera sees on the other side of the phone is not. */
export const mirrored = ({ facingMode }: Look): boolean => facingMode !== 'environment'
