import { describe, expect, it } from 'vitest'
import type { OwnAppraisal } from '@/api'
import { allAs, isWhole, nextStep, sameMark, until } from './words'

const NOW = new Date('2026-12-01T09:00:00').getTime()
const OWN: OwnAppraisal = {
  appraisal: {
    id: 'a', branch: 'b', branch_name: '研发党支部', year: 2026, state: 'open', self_until: '2026-12-06', peers_until: '2026-12-10', made_at: '',
    submitted_at: null, confirmed_at: null, objections_until: null, words: '',
  },
  status: 'full', exempt: false, votes: true, may_assess: true, may_mark: true, marked: false, self_marks: {}, self_grade: null, self_words: '',
  others: [], grade: null, opinion: '', may_object: false, objection: '', objection_state: null, answer: '',
}

describe('the yearly appraisal in words', () => {
  it('counts the days that are left, the last one included', () => {
    expect(until('2026-12-06', NOW)).toBe('12月6日截止，还有 5 天')
    expect(until('2026-12-01', NOW)).toBe('12月1日（今天）截止')
    expect(until('2026-11-30', NOW)).toBe('11月30日已截止')
  })

  it('knows a whole set of marks, and one that is the same on all aspects', () => {
    expect(isWhole(undefined)).toBe(false)
    expect(isWhole({ de: 'good' })).toBe(false)
    expect(isWhole(allAs('fair'))).toBe(true)
    expect(sameMark(allAs('fair'))).toBe('fair')
    expect(sameMark({ ...allAs('fair'), lian: 'good' })).toBe('')
  })

  it('says what comes next', () => {
    expect(nextStep(OWN, NOW)).toContain('请先自评')
    expect(nextStep({ ...OWN, self_grade: 'qualified' }, NOW)).toContain('打分')
    expect(nextStep({ ...OWN, self_grade: 'qualified', may_mark: false, marked: true }, NOW)).toContain('已经完成')
    expect(nextStep({ ...OWN, appraisal: { ...OWN.appraisal, state: 'submitted' } }, NOW)).toContain('等待')
  })
})
