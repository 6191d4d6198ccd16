import { expect, it } from 'vitest'
import type { OwnAttendance } from '@/api'
import { quizWait, replayWords } from './words'

const UNTIL = '2026-12-30T10:00:00.000Z'

function own(replay: Partial<NonNullable<OwnAttendance['replay']>> | null, more: Partial<OwnAttendance> = {}): OwnAttendance {
  const counting = { check: 'roll_call', days: 30, until: UNTIL, open: true, number: 3, needed: 2, answered: 0, prompt: null, quiz: null, ...replay }
  return { confirmed_at: null, way: null, replay: replay === null ? null : counting, ...more } as OwnAttendance
}

it('says what counts, how far one is, and until when', () => {
  const none = { answered: 0, needed: 2 }
  expect(replayWords(own(null), none, true)).toBe('')
  expect(replayWords(own({}), none, true)).toBe('观看中会不定时点名 3 次，应答 2 次算到课，计入积分。12月30日前有效')
  expect(replayWords(own({}), { answered: 1, needed: 2 }, false)).toBe('观看中会不定时点名 3 次，应答 2 次算到课，已应答 1 次。12月30日前有效')
  expect(replayWords(own({ open: false }), none, true)).toBe('看回看算到课的期限已过（12月30日止）')
})

it('tells who is recorded, and how', () => {
  const at = { confirmed_at: UNTIL }
  expect(replayWords(own({}, { ...at, way: 'replay' }), { answered: 2, needed: 2 }, true)).toBe('您已通过回看记为到课')
  expect(replayWords(own({}, { ...at, way: 'live' }), { answered: 0, needed: 2 }, true)).toBe('您已在直播时到课，看回看不重复计算')
  expect(replayWords(own(null, { ...at, way: 'live' }), { answered: 0, needed: 2 }, true)).toBe('')
})

it('says when there is a quiz, and how the last one went', () => {
  const quiz = { needed_ms: 600_000, open: false, last: null }
  const none = { answered: 0, needed: 2 }
  expect(replayWords(own({ check: 'quiz', quiz }), none, true)).toBe('看完大约一半后答 3 道题，答对 2 道算到课，计入积分。12月30日前有效')
  expect(quizWait(quiz, 0, 0)).toBe('再看 10 分钟就能答题')
  expect(quizWait(quiz, 600_000, 0)).toBe('')
  const failed = { ...quiz, last: { right: 1, number: 3, passed: false, again_at: new Date(600_000).toISOString() } }
  expect(replayWords(own({ check: 'quiz', quiz: failed }), none, false)).toBe('上次答对 1 道，没有通过，可以换题再答。12月30日前有效')
  expect(quizWait(failed, 600_000, 0)).toBe('10 分钟后可以再答')
  expect(quizWait({ ...failed, open: true }, 600_000, 0)).toBe('')
})
