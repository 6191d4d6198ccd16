import { expect, it } from 'vitest'
import { dayKey, daysOf, weeksOf } from './month'

it('shows whole weeks from Monday on, as many as the month needs', () => {
  const july = weeksOf(2026, 6)
  expect(july.map((week) => week.length)).toEqual([7, 7, 7, 7, 7])
  expect([july[0]?.[0]?.key, july[4]?.[6]?.key]).toEqual(['2026-06-29', '2026-08-02'])
  expect(july.flat().filter((day) => day.inMonth)).toHaveLength(31)
  expect(weeksOf(2027, 1)).toHaveLength(4) // February 2027 begins on a Monday
  expect(weeksOf(2026, 7)).toHaveLength(6)
})

it('knows every day that something touches, the end of the day not included', () => {
  const at = (day: number, hour: number) => new Date(2026, 6, day, hour).toISOString()
  expect(daysOf(at(1, 9), at(1, 12))).toEqual(['2026-07-01'])
  expect(daysOf(at(31, 22), at(33, 1))).toEqual(['2026-07-31', '2026-08-01', '2026-08-02'])
  expect(daysOf(at(1, 9), at(2, 0))).toEqual(['2026-07-01'])
  expect(dayKey(new Date(2026, 0, 5))).toBe('2026-01-05')
})
