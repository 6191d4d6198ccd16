import { expect, it } from 'vitest'
import type { Comment } from '@/pages/room/comments/comment'
import { Track } from './track'

const comment = (offset: number, mediaAt: number): Comment => ({ key: `o${offset}`, offset, at: '', mediaAt, text: `第${offset}句`, author: '', name: '封书瑶', badge: null, id: '', answers: '', removed: '', mine: false, state: 'posted', reason: '' })
/** One comment a second, the first at second `from`. */
const run = (from: number, count: number) => Array.from({ length: count }, (_, index) => comment(from + index, (from + index) * 1_000))

function around(moment: number, before = 100, after = 100): Track {
  const track = new Track()
  track.begin(run(moment - before, before), false, run(moment, after), false)
  return track
}

it('counts what was said up to a moment, that moment included', () => {
  const track = around(500)
  expect(track.passed(499_999)).toBe(100)
  expect(track.passed(500_000)).toBe(101)
  expect(track.passed(0)).toBe(0)
  expect(track.passed(9_000_000)).toBe(200)
})

it('holds what lies between its ends, and what reading on will bring soon', () => {
  const track = around(500)
  expect(track.holds(400_000)).toBe(true)
  expect(track.holds(399_999)).toBe(false)
  expect(track.holds(630_000)).toBe(true)
  expect(track.holds(800_000)).toBe(false)
})

it('holds everything of a recording whose ends it knows, even without a word', () => {
  const track = new Track()
  expect(track.holds(5)).toBe(false)
  track.begin([], true, [], true)
  expect(track.holds(5)).toBe(true)
})

it('reads on before the last known comment is reached', () => {
  const track = around(500)
  expect(track.wantsMore(500_000)).toBe(false)
  expect(track.wantsMore(575_000)).toBe(true)
  track.append(track.items[199], run(600, 50), true)
  expect(track.items).toHaveLength(250)
  expect(track.wantsMore(640_000)).toBe(false)
})

it('takes no page that belongs to another place', () => {
  const track = around(500)
  const last = track.items[199]
  track.begin([], true, run(0, 10), false)
  track.append(last, run(600, 50), false)
  expect(track.items).toHaveLength(10)
})

it('forgets what lies far behind', () => {
  const track = new Track()
  track.begin([], true, run(0, 700), true)
  track.trim(650_000)
  expect(track.items[0]?.offset).toBe(351)
  expect(track.passed(650_000)).toBe(300)
  expect(track.atStart).toBe(false)
})

it('never shows words that were taken back, also not from a page that was on its way', () => {
  const track = around(500)
  track.redact(450, 'host')
  track.redact(610, 'author')
  track.append(track.items[199], run(600, 20), true)
  expect(track.items.filter(({ removed }) => removed !== '').map(({ offset, text }) => [offset, text])).toEqual([[450, ''], [610, '']])
})
