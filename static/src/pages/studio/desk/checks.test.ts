import { expect, it } from 'vitest'
import { canSend, checksOf, type Findings } from './checks'

const found = (more: Partial<Findings> = {}): Findings => ({
  support: { place: 'desktop', secure: true, devices: true, peer: true, h264: 'yes', screen: true },
  opened: true, hasPicture: true, hasSound: true, heard: true, cameraFault: '', microphoneFault: '',
  network: { running: false, verdict: 'good', words: '流畅' },
  ...more,
})
const row = (findings: Findings, key: string) => checksOf(findings).find((check) => check.key === key)

it('is content with everything in place', () => {
  expect(checksOf(found()).map((check) => check.ok)).toEqual([true, true, true, true])
  expect(canSend(found())).toBe(true)
})

it('names the ways out when H.264 is missing, and does not let the host start', () => {
  const findings = found({ support: { ...found().support, h264: 'no' } })
  expect(row(findings, 'h264')?.words).toMatch(/Chrome.*OBS/)
  expect(canSend(findings)).toBe(false)
})

it('says what is wrong with an insecure address and nothing else', () => {
  const findings = found({ support: { ...found().support, secure: false }, hasPicture: false, hasSound: false })
  expect(checksOf(findings).map((check) => check.key)).toEqual(['secure'])
  expect(canSend(findings)).toBe(false)
})

it('leads out of WeChat, and never blames https for a browser without devices', () => {
  const support = { ...found().support, place: 'wechat' as const }
  expect(row(found({ support: { ...support, h264: 'no' } }), 'h264')?.words).toContain('在浏览器打开')
  const findings = found({ support: { ...support, devices: false }, hasPicture: false, hasSound: false })
  expect(checksOf(findings).map((check) => check.key)).toEqual(['devices'])
  expect(checksOf(findings)[0]?.words).toMatch(/在浏览器打开/)
  expect(canSend(findings)).toBe(false)
})

it('allows sound alone, picture alone, but not nothing', () => {
  expect(canSend(found({ hasPicture: false, cameraFault: '没有找到摄像头' }))).toBe(true)
  expect(canSend(found({ hasSound: false }))).toBe(true)
  expect(canSend(found({ hasPicture: false, hasSound: false }))).toBe(false)
})

it('calls no picture good while the camera that was chosen does not open', () => {
  const findings = found({ cameraFault: '摄像头正被其他程序占用' })
  expect(row(findings, 'camera')).toMatchObject({ ok: false, words: '摄像头正被其他程序占用' })
  expect(canSend(findings)).toBe(true)
})

it('waits for a word before it calls the microphone good', () => {
  expect(row(found({ heard: false }), 'microphone')).toMatchObject({ ok: null })
})

it('warns of a poor network but leaves the decision to the host', () => {
  const findings = found({ network: { running: false, verdict: 'poor', words: '较差' } })
  expect(row(findings, 'network')?.ok).toBe(false)
  expect(canSend(findings)).toBe(true)
})
