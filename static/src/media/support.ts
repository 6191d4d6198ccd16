/** What this browser can do for a host, asked before anything is opened, so that the answer can still name a way out. */

import { placeOf, type Place } from '@/core/device'

export interface Support {
  place: Place
  /** Camera and microphone need https or localhost. */
  secure: boolean
  devices: boolean
  peer: boolean
  h264: 'yes' | 'no' | 'unknown'
  screen: boolean
}

export interface Surroundings {
  place: Place
  isSecureContext: boolean
  mediaDevices: { getUserMedia?: unknown; getDisplayMedia?: unknown } | undefined
  hasPeer: boolean
  /** The MIME types this browser can send; null where it cannot say. */
  sendable: () => string[] | null
}

export function supportOf(around: Surroundings): Support {
  const codecs = around.hasPeer ? around.sendable() : []
  return {
    place: around.place,
    secure: around.isSecureContext,
    devices: typeof around.mediaDevices?.getUserMedia === 'function',
    peer: around.hasPeer,
    h264: codecs === null ? 'unknown' : codecs.some((type) => type.toLowerCase() === 'video/h264') ? 'yes' : 'no',
    screen: typeof around.mediaDevices?.getDisplayMedia === 'function',
  }
}

export function browserSupport(): Support {
  return supportOf({
    place: placeOf(),
    isSecureContext: window.isSecureContext,
    mediaDevices: navigator.mediaDevices,
    hasPeer: 'RTCPeerConnection' in window,
    sendable: () =>
      'RTCRtpSender' in window && typeof RTCRtpSender.getCapabilities === 'function'
        ? (RTCRtpSender.getCapabilities('video')?.codecs ?? []).map((codec) => codec.mimeType)
        : null,
  })
}
