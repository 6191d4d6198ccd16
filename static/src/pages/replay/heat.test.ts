import { expect, it } from 'vitest'
import { positionAt, type Stretch } from '@/media/player/timeline'
import { COLUMNS, heatOf, outline } from './heat'

const NOON = Date.parse('2026-07-01T04:00:00.000Z')
const plain = (date: number) => (date - NOON) / 1000
const told = (seconds: number, counts: number[]) => ({ starts_at: '2026-07-01T04:00:00.000Z', seconds, counts })

it('is highest where most was said', () => {
  const heat = heatOf(told(1, Array.from({ length: COLUMNS }, (_, index) => (index === 30 ? 8 : index === 90 ? 4 : 0))), plain, COLUMNS)
  expect(heat?.columns[30]).toBe(1)
  expect(heat?.columns[90]).toBe(0.5)
  expect(heat?.columns[60]).toBe(0)
  expect(heat?.peak).toBe(30.5)
})

it('leaves out the time in which the host was gone', () => {
  // A minute, three minutes without a picture, a minute.
  const stretches: Stretch[] = [
    { start: 0, duration: 60, date: NOON },
    { start: 60, duration: 60, date: NOON + 240_000 },
  ]
  const heat = heatOf(told(60, [0, 0, 5, 0, 0]), (date) => positionAt(stretches, date), 120)
  expect(heat?.columns.findIndex((each) => each === 1)).toBe(COLUMNS / 2)
})

it('spreads a long span over all of its part of the timeline', () => {
  const heat = heatOf(told(60, [10, 0]), plain, 120)
  expect(heat?.columns.slice(1, COLUMNS / 2 - 1).every((each) => each === 1)).toBe(true)
  expect(heat?.columns[COLUMNS - 1]).toBe(0)
})

it('is nothing without comments, before the beginning, and while the moments have no place', () => {
  expect(heatOf(told(1, [0, 0]), plain, 2)).toBeNull()
  expect(heatOf({ starts_at: null, seconds: 1, counts: [] }, plain, 2)).toBeNull()
  expect(heatOf(told(1, [1, 1]), () => null, 2)).toBeNull()
})

it('is drawn as one closed area', () => {
  const heat = heatOf(told(1, [1, 0]), plain, 2)
  expect(heat).not.toBeNull()
  expect(outline(heat!)).toMatch(/^M0 1L0\.5 0\.\d+L.*L120 1Z$/)
})
