import { expect, it } from 'vitest'
import { loudness } from './useMicLevel'

it('is nothing for silence and full for the loudest', () => {
  expect(loudness(new Uint8Array(64).fill(128))).toBe(0)
  expect(loudness(Uint8Array.from({ length: 64 }, (_each, at) => (at % 2 ? 255 : 0)))).toBeCloseTo(1, 1)
})

it('shows quiet speech well above silence', () => {
  expect(loudness(Uint8Array.from({ length: 64 }, (_each, at) => (at % 2 ? 134 : 122)))).toBeGreaterThan(0.3)
})
