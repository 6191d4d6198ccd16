import { expect, it } from 'vitest'
import { cameraConstraints, captureFault } from './capture'

it('asks for a standing picture when the broadcast is portrait', () => {
  expect(cameraConstraints('portrait', {})).toMatchObject({ width: { ideal: 720 }, height: { ideal: 1280 }, facingMode: { ideal: 'user' } })
  expect(cameraConstraints('landscape', { facing: 'environment' })).toMatchObject({ width: { ideal: 1280 }, facingMode: { ideal: 'environment' } })
})

it('asks for exactly the chosen camera', () => {
  const asked = cameraConstraints('landscape', { deviceId: 'abc' })
  expect(asked.deviceId).toEqual({ exact: 'abc' })
  expect(asked.facingMode).toBeUndefined()
})

it.each([
  ['NotAllowedError', '许可'],
  ['NotFoundError', '没有找到'],
  ['NotReadableError', '占用'],
  ['TypeError', '重试'],
])('says what to do about %s', (name, words) => {
  expect(captureFault(new DOMException('', name), 'camera')).toContain(words)
})

it.each([
  ['wechat', '在浏览器打开'],
  ['iphone', '网站设置'],
  ['android', '权限'],
  ['desktop', '地址栏'],
] as const)('leads to where %s keeps its permissions', (place, words) => {
  expect(captureFault(new DOMException('', 'NotAllowedError'), 'microphone', place)).toContain(words)
})
