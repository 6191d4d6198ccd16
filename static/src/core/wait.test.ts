import { expect, it } from 'vitest'
import { waitOf } from './wait'

const START = Date.parse('2026-07-01T12:00:00Z')
const at = (minutes: number, overdue = false) => waitOf({ starts_at: '2026-07-01T12:00:00.000Z', overdue }, START + minutes * 60_000)

it('says that it begins at once for a quarter of an hour and no longer', () => {
  expect([-1, 0, 14, 15, 90].map((minutes) => at(minutes))).toEqual(['ahead', 'due', 'due', 'late', 'late'])
})

it('leaves it to the server when a broadcast is overdue', () => {
  expect(at(-1, true)).toBe('overdue')
  expect(at(9_999)).toBe('late')
})
