import { expect, it } from 'vitest'
import type { PointIndicator, PointRow, PointsYear } from '@/api'
import { amountShown, amountWords, byMonth, calendarDay, capsWords, creditNote, cutOff, leftWords, radarWords, signed } from './points'

const ROW = {
  id: '1', day: '2026-07-01', at: '2026-07-01T02:00:00Z', indicator: 'Q04', name: '主题党日到场', aspect: 'qin', kind: 'award', amount: 5, full: 5,
  title: '7月主题党日', link: '/b/1', reason: '', reverses: null, reversed_by: null, number: 1, hash: 'ab',
} as PointRow
const row = (change: Partial<PointRow>): PointRow => ({ ...ROW, ...change })
const aspects = (awarded: number, deducted = 0) => ({ aspects: [{ aspect: 'qin', awarded, deducted, most: 120 }] }) as unknown as PointsYear
const THEME = {
  code: 'Q04', aspect: 'qin', name: '主题党日到场', kind: 'award', value: 5, trigger: '', automatic: true,
  caps: [{ window: 'month', most: 5, held: 0 }, { window: 'year', most: 60, held: 15 }],
} as unknown as PointIndicator
const held = (month: number, year: number): PointIndicator => ({ ...THEME, caps: [{ window: 'month', most: 5, held: month }, { window: 'year', most: 60, held: year }] })

it('writes tenths as people write points', () => {
  expect([5, 10, 12, 0, -20, -5].map(signed)).toEqual(['+0.5', '+1', '+1.2', '0', '−2', '−0.5'])
})

it('says an amount to the ear, a veto and its reversal included', () => {
  const veto = row({ kind: 'veto', amount: 0, full: 0 })
  expect([row({}), row({ amount: -5, reverses: '1' }), row({ amount: 0 }), row({ kind: 'deduct', amount: 0 }), veto, { ...veto, reverses: '1' }].map(amountWords)).toEqual([
    '加 0.5 分', '扣 0.5 分', '不加分', '不扣分', '一票否决', '撤销一票否决',
  ])
  expect([row({ amount: 0 }), veto].map(amountShown)).toEqual(['0', '否决'])
})

it('puts each row under the month it counts for, this one by name', () => {
  const rows = [row({ id: '4', day: '2026-07-03' }), row({ id: '3', day: '2026-06-30' }), row({ id: '2', day: '2026-07-01' }), row({ id: '1', day: '2026-01-31' })]
  expect(byMonth(rows, '2026-07-15').map(({ label, rows: found }) => [label, found.map(({ id }) => id).join('')])).toEqual([['本月', '42'], ['6月', '3'], ['1月', '1']])
})

it('knows what the caps cut off, and that a reversal cuts nothing off', () => {
  expect([row({}), row({ amount: 2 }), row({ kind: 'deduct', amount: 0, full: -5 }), row({ amount: -2, full: -5, reverses: '1' })].map(cutOff)).toEqual([0, 3, 5, 0])
})

it('says what still may count: bounded by the nearest cap, be it the month, the year or the whole aspect', () => {
  expect(capsWords(THEME)).toBe('每月最多 0.5 分，全年最多 6 分')
  expect(leftWords(held(0, 15), aspects(15))).toBe('本月还可计 0.5 分，今年 4.5 分')
  expect(leftWords(held(5, 15), aspects(15))).toBe('本月已满')
  expect(leftWords(held(0, 57), aspects(57))).toBe('今年还可计 0.3 分')
  expect(leftWords(held(0, 60), aspects(60))).toBe('今年已满')
  expect(leftWords(held(0, 15), aspects(120))).toBe('“勤”已满')
  expect(leftWords({ ...THEME, kind: 'deduct', caps: [] }, aspects(0))).toBe('不设上限')
})

it('tells the picture and the news in words', () => {
  expect(radarWords(aspects(35, -10))).toBe('五个方面：勤 加 3.5 分（最多 12 分），扣 1 分。')
  expect(creditNote(row({}))).toBe('7月主题党日，加 0.5 分（勤）')
  expect(creditNote(row({ amount: -5, reverses: '1' }))).toBe('更正：7月主题党日，扣 0.5 分（勤）')
})

it('counts days by the calendar of the committee', () => {
  expect([calendarDay(Date.parse('2026-06-30T15:59:59Z')), calendarDay(Date.parse('2026-06-30T16:00:00Z'))]).toEqual(['2026-06-30', '2026-07-01'])
})
