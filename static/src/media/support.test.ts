import { expect, it } from 'vitest'
import { supportOf, type Surroundings } from './support'

const around = (more: Partial<Surroundings> = {}): Surroundings => ({
  place: 'desktop',
  isSecureContext: true,
  mediaDevices: { getUserMedia: () => undefined, getDisplayMedia: () => undefined },
  hasPeer: true,
  sendable: () => ['video/VP8', 'video/H264', 'video/rtx'],
  ...more,
})

it('finds everything in a full browser', () => {
  expect(supportOf(around())).toEqual({ place: 'desktop', secure: true, devices: true, peer: true, h264: 'yes', screen: true })
})

it('says plainly when H.264 is missing', () => {
  expect(supportOf(around({ sendable: () => ['video/VP8', 'video/VP9'] })).h264).toBe('no')
})

it('does not guess where the browser cannot say', () => {
  expect(supportOf(around({ sendable: () => null })).h264).toBe('unknown')
})

it('finds no devices on an insecure address', () => {
  expect(supportOf(around({ isSecureContext: false, mediaDevices: undefined }))).toMatchObject({ secure: false, devices: false, screen: false })
})
