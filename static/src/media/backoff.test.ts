import { expect, it } from 'vitest'
import { Backoff } from './backoff'

it('doubles up to the longest pause, and starts over after a success', () => {
  const backoff = new Backoff(500, 3_000, () => 0.5)
  expect([backoff.next(), backoff.next(), backoff.next(), backoff.next(), backoff.next()]).toEqual([500, 1000, 2000, 3000, 3000])
  expect(backoff.tries).toBe(5)
  backoff.reset()
  expect(backoff.next()).toBe(500)
})

it('spreads the pauses by a fifth either way', () => {
  expect(new Backoff(1_000, 9_000, () => 0).next()).toBe(800)
  expect(new Backoff(1_000, 9_000, () => 1).next()).toBe(1_200)
})
