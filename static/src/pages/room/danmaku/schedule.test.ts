import { expect, it } from 'vitest'
import type { Comment } from '../comments/comment'
import { Schedule } from './schedule'

const comment = (offset: number, mediaAt: number): Comment => ({ key: `o${offset}`, offset, mediaAt, text: String(offset), name: '封书瑶', badge: null, id: '', at: '', author: '', answers: '', removed: '', mine: false, state: 'posted', reason: '' })
/** The picture plays from one moment to another, 25 frames a second; answers what was due at which moment. */
function play(schedule: Schedule, from: number, to: number): [offset: number, at: number][] {
  const seen: [number, number][] = []
  for (let now = from; now <= to; now += 40) for (const { offset } of schedule.advance(now).due) seen.push([offset, now])
  return seen
}

it('brings a comment at the very frame it was written about', () => {
  const schedule = new Schedule()
  schedule.advance(10_000)
  schedule.said(comment(1, 13_000), true)
  schedule.said(comment(2, 11_500), true)
  expect(play(schedule, 10_040, 14_000)).toEqual([[2, 11_520], [1, 13_000]])
})

it('brings it at once to whoever is past that frame', () => {
  const schedule = new Schedule()
  schedule.advance(10_000)
  schedule.said(comment(1, 2_000), true)
  expect(schedule.advance(10_040).due.map(({ offset }) => offset)).toEqual([1])
})

it('does not make up for what was missed', () => {
  const schedule = new Schedule()
  schedule.advance(10_000)
  schedule.said(comment(1, 9_000), false)
  expect(schedule.advance(10_040).due).toEqual([])
  // The page was hidden for a minute.
  schedule.known(Array.from({ length: 600 }, (_, index) => comment(index + 2, 10_100 + index * 100)))
  const { due, jumped } = schedule.advance(60_000)
  expect(jumped).toBe(true)
  expect(due.length).toBeLessThan(20)
})

it('shows at once what a live picture that was behind has skipped over, and that once', () => {
  const schedule = new Schedule()
  schedule.advance(10_000)
  schedule.said(comment(1, 9_500), true)
  schedule.said(comment(2, 11_000), true)
  schedule.said(comment(3, 13_900), true)
  schedule.said(comment(4, 11_500), false)
  expect(schedule.advance(14_000).due.map(({ offset }) => offset)).toEqual([1, 2, 3])
  expect(play(schedule, 14_040, 16_000)).toEqual([])
  schedule.said(comment(5, 17_000), true)
  schedule.advance(60_000) // the page was asleep
  expect(play(schedule, 60_040, 62_000)).toEqual([])
})

it('shows what belongs to the place of a jump, and that once', () => {
  const schedule = new Schedule()
  const all = Array.from({ length: 100 }, (_, index) => comment(index + 1, index * 1_000))
  schedule.known(all)
  expect(play(schedule, 50_000, 52_000).map(([offset]) => offset)).toEqual([50, 51, 52, 53])
  schedule.known(all)
  expect(play(schedule, 20_000, 21_000).map(([offset]) => offset)).toEqual([20, 21, 22])
  schedule.known(all) // another page has come
  expect(play(schedule, 21_040, 22_040).map(([offset]) => offset)).toEqual([23])
})

it('shows again after a jump back what was shown before', () => {
  const schedule = new Schedule()
  const all = [comment(1, 1_000), comment(2, 9_000)]
  schedule.known(all)
  expect(play(schedule, 0, 10_000)).toHaveLength(2)
  schedule.advance(0)
  schedule.known(all)
  expect(play(schedule, 40, 2_000).map(([offset]) => offset)).toEqual([1])
})

it('shows what the page of a jump brings a moment later', () => {
  const schedule = new Schedule()
  schedule.advance(500_000)
  schedule.advance(500_300)
  schedule.known([comment(1, 400_000), comment(2, 499_500), comment(3, 500_200), comment(4, 501_000)])
  expect(schedule.advance(500_340).due.map(({ offset }) => offset)).toEqual([2, 3])
})

it('forgets what was taken back', () => {
  const schedule = new Schedule()
  schedule.advance(0)
  schedule.said(comment(1, 1_000), true)
  schedule.said(comment(2, -5), true)
  schedule.gone(1)
  schedule.gone(2)
  expect(play(schedule, 40, 2_000)).toEqual([])
})
