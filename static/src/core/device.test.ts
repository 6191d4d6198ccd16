import { expect, it } from 'vitest'
import { placeOf } from './device'

it.each([
  ['Mozilla/5.0 (Linux; Android 12; M2012) AppleWebKit/537.36 Chrome/107 Mobile Safari/537.36 XWEB/5169 MicroMessenger/8.0.38', 'wechat'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) AppleWebKit/605.1.15 MicroMessenger/8.0.30', 'wechat'],
  ['Mozilla/5.0 (iPhone; CPU iPhone OS 15_0 like Mac OS X) AppleWebKit/605.1.15 Version/15.0 Mobile Safari/604.1', 'iphone'],
  ['Mozilla/5.0 (Linux; Android 12) AppleWebKit/537.36 Chrome/107 Mobile Safari/537.36', 'android'],
  ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120 Safari/537.36 Edg/120', 'desktop'],
])('knows %s', (agent, place) => {
  expect(placeOf(agent)).toBe(place)
})
