import { expect, it } from 'vitest'
import type { OwnHeld } from '@/api'
import type { Comment } from './comment'
import { Review } from './review'

const comment = (minute: number): Comment => ({ key: `o${minute}`, offset: minute, id: `c${minute}`, text: String(minute), at: `2026-07-01T01:0${minute}:00.000Z`, mediaAt: null, answers: '', removed: '', author: '', name: '', badge: null, mine: false, state: 'posted', reason: '' })
const held = (minute: number, text = '我的'): OwnHeld => ({ id: `h${minute}`, scope: 'b', kind: 'comment', text, at: `2026-07-01T01:0${minute}:30.000Z`, reply_to: null, reply_name: null, state: 'held', reason: '' })
const all = { atStart: true, detached: false }

function among(items: OwnHeld[], shown: Comment[], edges: { atStart: boolean; detached: boolean }): string {
  const review = new Review('b')
  review.begin(items)
  return review.among(shown, [], edges, '我').map(({ text }) => text).join(' ')
}

it('stands where it was written, however much is said after it', () => {
  expect(among([held(2)], [comment(1), comment(2), comment(3)], all)).toBe('1 2 我的 3')
  expect(among([held(5)], [comment(1), comment(2)], all)).toBe('1 2 我的')
  expect(among([held(2), held(2, '又')], [comment(1)], all)).toBe('1 我的 又')
})

it('is left out where its place is not on the screen', () => {
  expect(among([held(1)], [comment(3), comment(4)], { atStart: false, detached: false })).toBe('3 4')
  expect(among([held(1)], [comment(3), comment(4)], all)).toBe('我的 3 4')
  expect(among([held(6)], [comment(3), comment(4)], { atStart: true, detached: true })).toBe('3 4')
})
