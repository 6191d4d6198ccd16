import { expect, it } from 'vitest'
import type { OwnAttendance } from '@/api'
import { quizWait, ruleWords, stateWords } from './words'

const UNTIL = '2026-12-30T10:00:00.000Z'
const NONE = { answered: 0, needed: 2 }
const ONE = { answered: 1, needed: 2 }

function own(replay: Partial<NonNullable<OwnAttendance['replay']>> | null, more: Partial<OwnAttendance> = {}): OwnAttendance {
  const counting = { check: 'roll_call', days: 30, until: UNTIL, open: true, number: 3, needed: 2, answered: 0, missed: 0, prompt: null, quiz: null, ...replay }
  return { confirmed_at: null, way: null, replay: replay === null ? null : counting, ...more } as OwnAttendance
}

it('says what counts, and until when', () => {
  expect(ruleWords(own(null), true)).toBe('')
  expect(ruleWords(own({}), true)).toBe('观看中会不定时点名 3 次（跳着看不点名），应答 2 次算到课，计入积分。12月30日前有效')
  expect(ruleWords(own({}), false)).toBe('观看中会不定时点名 3 次（跳着看不点名），应答 2 次算到课。12月30日前有效')
  expect(ruleWords(own({ open: false }), true)).toBe('')
})

it('says how far one is, and what was missed while it may be made good', () => {
  expect(stateWords(own(null), NONE)).toBe('')
  expect(stateWords(own({}), NONE)).toBe('')
  expect(stateWords(own({}), ONE)).toBe('已应答 1 次，再应答 1 次即为到课')
  expect(stateWords(own({ missed: 1 }), NONE)).toBe('错过了 1 次点名，还没有算到课。往回重看，会再点名')
  expect(stateWords(own({ missed: 2 }), ONE)).toBe('已应答 1 次，再应答 1 次即为到课。错过了 2 次，往回重看会再点名')
  expect(stateWords(own({ missed: 1, open: false }), NONE)).toBe('看回看算到课的期限已过（12月30日止）')
})

it('tells who is recorded, and how', () => {
  const at = { confirmed_at: UNTIL }
  expect(stateWords(own({ missed: 1 }, { ...at, way: 'replay' }), { answered: 2, needed: 2 })).toBe('您已通过回看记为到课')
  expect(stateWords(own({}, { ...at, way: 'live' }), NONE)).toBe('您已在直播时到课，看回看不重复计算')
  expect(stateWords(own(null, { ...at, way: 'live' }), NONE)).toBe('')
  expect(ruleWords(own({}, { ...at, way: 'live' }), true)).toBe('')
})

it('says when there is a quiz, and how the last one went', () => {
  const quiz = { needed_ms: 600_000, open: false, last: null }
  expect(ruleWords(own({ check: 'quiz', quiz }), true)).toBe('看完大约一半后答 3 道题，答对 2 道算到课，计入积分。12月30日前有效')
  expect(stateWords(own({ check: 'quiz', quiz }), NONE)).toBe('')
  expect(quizWait(quiz, 0, 0)).toBe('再看 10 分钟就能答题')
  expect(quizWait(quiz, 600_000, 0)).toBe('')
  const failed = { ...quiz, last: { right: 1, number: 3, passed: false, again_at: new Date(600_000).toISOString() } }
  expect(stateWords(own({ check: 'quiz', quiz: failed }), NONE)).toBe('上次答对 1 道，没有通过')
  expect(quizWait(failed, 600_000, 0)).toBe('10 分钟后可以换题再答')
  expect(quizWait({ ...failed, open: true }, 600_000, 0)).toBe('')
})
