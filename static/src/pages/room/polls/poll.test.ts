import { expect, it } from 'vitest'
import type { Entry } from '@/protocol'
import { after, bars, begun, rulesOf } from './poll'

const data = { id: 'p', question: '几点？', options: ['上午', '下午'], most: 1, results: 'always', final: false, closes_at: null }
const entry = (type: string, more: object): Entry => ({ offset: 1, type, at: '', data: { id: 'p', ...more } })

it('follows a poll from its opening to its result, and shows what a snapshot shows', () => {
  const opened = after([], { ...entry('poll.opened', data), media_at: 'm' })
  expect(opened).toEqual(begun({ items: [{ ...data, state: 'open', media_at: 'm' }] }))
  const result = { counts: [1, 2], voters: 3, closed_by: 'host' }
  const closed = after(opened, entry('poll.closed', result))
  expect(closed).toEqual(begun({ items: [{ ...data, ...result, state: 'closed', media_at: 'm' }] }))
  expect(after(closed, entry('poll.removed', {}))).toEqual([])
})

it('takes no notice of what it does not know, nor of an opening that was taken back', () => {
  const polls = begun({ items: [{ ...data, state: 'open', media_at: null }] })
  expect(after(polls, entry('poll.painted', {}))).toBe(polls)
  expect(after([], entry('poll.opened', { removed: true }))).toEqual([])
  expect(begun(undefined)).toEqual([])
})

it('counts in percent of the people, also where several may be chosen, and where nobody has voted', () => {
  expect(bars(['甲', '乙', '丙'], { counts: [3, 1, 0], voters: 3 })).toEqual([
    { text: '甲', count: 3, percent: 100, leads: true },
    { text: '乙', count: 1, percent: 33, leads: false },
    { text: '丙', count: 0, percent: 0, leads: false },
  ])
  expect(bars(['甲', '乙'], { counts: [0, 0], voters: 0 }).every(({ percent, leads }) => percent === 0 && !leads)).toBe(true)
})

it('says the rules in words', () => {
  expect(rulesOf({ most: 1, final: false, results: 'always' })).toEqual(['单选', '结束前可以改'])
  expect(rulesOf({ most: 3, final: true, results: 'closed' })).toEqual(['最多选 3 项', '投出后不能改', '结束后公布结果'])
})
