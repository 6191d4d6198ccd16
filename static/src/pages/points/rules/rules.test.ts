import { describe, expect, it } from 'vitest'
import type { PointRule, RulesPreview } from '@/api'
import { boundWords, differences, previewWords, scaleDifferences, tenthsOf } from './rules'

const rule: PointRule = { code: 'J03', aspect: 'ji', name: '合理化建议被采纳', kind: 'award', value: 10, caps: { year: 30 }, trigger: '建议由主管部门采纳', automatic: false, applies_to: 'all_members', retired: false }

describe('a rule', () => {
  it('says what bounds it', () => {
    expect(boundWords(rule)).toBe('全年最多 3 分')
    expect(boundWords({ ...rule, caps: {} })).toBe('不设上限')
    expect(boundWords({ ...rule, kind: 'deduct', caps: { year: -60, month: -5 } })).toBe('每月最多扣 0.5 分，全年最多扣 6 分')
  })

  it('says how it differs from the one before', () => {
    expect(differences(rule, rule)).toEqual([])
    expect(differences(rule, { ...rule, value: 20, caps: {}, retired: true })).toEqual(['分值 +1 改为 +2', '上限“全年最多 3 分”改为“不设上限”', '停用'])
    expect(scaleDifferences({ base: 600, most: { de: 80, neng: 80, qin: 120, ji: 80, lian: 40 } }, { base: 600, most: { de: 80, neng: 80, qin: 100, ji: 80, lian: 40 } })).toEqual(['勤 的上限 12 改为 10'])
  })

  it('takes amounts with one digit behind the point', () => {
    expect(['1', '0.5', ' 12.0 '].map(tenthsOf)).toEqual([10, 5, 120])
    expect(['', '-1', '0.55', '1e3', 'x'].map(tenthsOf)).toEqual([null, null, null, null, null])
  })
})

describe('a preview', () => {
  it('says whom it would touch', () => {
    const shown: RulesPreview = { first: '2026-04-01', last: '2026-06-30', members: 12, touched: 3, rows: 30, changed: 5, aspects: [], indicators: [] }
    expect(previewWords(shown)).toBe('2026年第二季度有 12 名党员的 30 条记录；按改后的规则，5 条记录的分值会不同，3 名党员的合计会变化。')
    expect(previewWords({ ...shown, changed: 0 })).toContain('没有变化')
    expect(previewWords({ ...shown, rows: 0 })).toContain('没有积分记录')
  })
})
