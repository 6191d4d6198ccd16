import { expect, it } from 'vitest'
import type { Shake } from '@/api'
import { draftOf, emptyDraft, faultsOf, inputOf } from './draft'

const NOW = Date.parse('2026-07-01T01:10:00Z')

it('begins with oneself, at the next half hour, for whom one may invite', () => {
  const mine = emptyDraft(NOW, 'm1', 'b1')
  expect([mine.secretaries, mine.whole, mine.branches]).toEqual([['m1'], false, ['b1']])
  expect(emptyDraft(NOW, null, null)).toMatchObject({ secretaries: [], whole: true })
  expect(faultsOf({ ...mine, title: '七月' }, NOW)).toEqual({})
  expect(new Date(mine.opensAt).getTime()).toBe(Date.parse('2026-07-01T02:00:00Z'))
})

it('says field by field what is missing or cannot be', () => {
  const draft = { ...emptyDraft(NOW, 'm1', null), title: '七月' }
  expect(Object.keys(faultsOf({ ...draft, title: ' ', secretaries: [], whole: false, rounds: '0', roundSeconds: 'x', talkMinutes: '61', exclusionDays: '', favour: '1.5' }, NOW)).sort()).toEqual(['branches', 'exclusionDays', 'favour', 'roundSeconds', 'rounds', 'secretaries', 'talkMinutes', 'title'])
  expect(faultsOf({ ...draft, closesAt: draft.opensAt }, NOW).closesAt).toContain('开始之后')
  expect(faultsOf({ ...draft, closesAt: '2026-07-20T10:00' }, NOW).closesAt).toContain('7 天')
  expect(faultsOf({ ...draft, opensAt: '2026-06-01T10:00' }, NOW).opensAt).toContain('现在之后')
  expect(faultsOf({ ...draft, opensAt: '2026-06-30T10:00' }, NOW, '2026-06-30T10:00').opensAt).toBeUndefined()
})

it('gives back what the server said', () => {
  const shake = {
    title: '七月', opens_at: '2026-07-01T12:00:00.000Z', closes_at: '2026-07-01T13:00:00.000Z', secretaries: [{ id: 'm1', name: '' }], branches: [{ id: 'b1', name: '' }],
    rounds: 3, round_seconds: 20, talk_minutes: 10, exclusion_days: 0, favour: 3,
  } as unknown as Shake
  expect(inputOf(draftOf(shake))).toEqual({
    title: '七月', opens_at: shake.opens_at, closes_at: shake.closes_at, secretaries: ['m1'], branches: ['b1'], rounds: 3, round_seconds: 20, talk_minutes: 10, exclusion_days: 0, favour: 3,
  })
  expect(inputOf({ ...draftOf(shake), whole: true }).branches).toBeNull()
})
