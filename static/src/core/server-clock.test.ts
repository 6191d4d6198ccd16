import { expect, it } from 'vitest'
import { ServerClock } from './server-clock'

it('follows a server that is five minutes ahead', () => {
  const clock = new ServerClock(() => 1_000_000)
  clock.observe(1_300_050, 1_000_000, 1_000_100)
  expect(clock.now()).toBe(1_300_000)
})

it('keeps the sample with the shortest round trip', () => {
  const clock = new ServerClock(() => 2_000)
  clock.observe(1_010, 1_000, 1_020)
  clock.observe(9_999, 1_100, 1_900)
  expect(clock.now()).toBe(2_000)
})

it('takes a slower sample once the best one is old', () => {
  let now = 0
  const clock = new ServerClock(() => now)
  clock.observe(0, 0, 10)
  now = 11 * 60_000
  clock.observe(now + 5_000, now - 100, now + 100)
  expect(clock.now()).toBe(now + 5_000)
})

it('ignores nonsense', () => {
  const clock = new ServerClock(() => 7)
  clock.observe(Number.NaN, 0, 1)
  expect(clock.now()).toBe(7)
})
