import { expect, it } from 'vitest'
import type { Report } from '@/api'
import { clockTime } from '@/core/format'
import { questionsWords, reactionsChart, reactionsWords, saidChart, saidWords, tilesOf, viewersChart, viewersWords } from './report'

const AT = ['2026-07-01T11:40:00.000Z', '2026-07-01T11:41:00.000Z', '2026-07-01T11:42:00.000Z'] as const
const [FIRST, SECOND] = AT.map((at) => clockTime(at))
const EMPTY = { viewers: { peak: 0, peak_at: null, average: null }, people: 0, comments: { posted: 0, removed: 0, people: 0 }, reactions: {}, questions: { asked: 0, answered: 0, replied: 0, adopted: 0, removed: 0, items: [] }, polls: [], minutes: AT.map((at) => ({ at, viewers: null, comments: 0, questions: 0, reactions: {} })) } as unknown as Report
const FULL = {
  ...EMPTY,
  viewers: { peak: 315, peak_at: AT[1], average: 210.4 },
  people: 40,
  comments: { posted: 12, removed: 1, people: 7 },
  reactions: { like: 12_300, heart: 5 },
  questions: { asked: 4, answered: 3, replied: 2, adopted: 1, removed: 1, items: [] },
  polls: [{ voters: 20 }, { voters: 11 }],
  minutes: [
    { at: AT[0], viewers: 300, comments: 9, questions: 1, reactions: { like: 2 } },
    { at: AT[1], viewers: 315, comments: 3, questions: 0, reactions: { like: 12_298, heart: 5 } },
    { at: AT[2], viewers: null, comments: 0, questions: 0, reactions: {} },
  ],
} as unknown as Report

it('says in one sentence what each chart shows', () => {
  expect(viewersWords(FULL)).toBe(`最多 315 人同时在看（${SECOND}），平均 210 人在看。`)
  expect(saidWords(FULL)).toBe(`7 人发了 12 条评论，${FIRST} 最热闹，一分钟 9 条；提问 4 个。另有 1 条被移除或撤回。`)
  expect(reactionsWords(FULL)).toBe(`共 1.2万 次互动：爱心 5 次、点赞 1.2万 次；${SECOND} 最热烈，一分钟 1.2万 次。`)
  expect(questionsWords(FULL)).toBe('共 4 个提问，现场回答 3 个；书面回答 2 条，采纳 1 条；另有 1 个被移除或撤回。')
})

it('says so where there was nothing', () => {
  expect([viewersWords, saidWords, reactionsWords, questionsWords].map((words) => words(EMPTY))).toEqual(['没有在线人数的记录。', '没有评论，也没有提问。', '没有互动。', '没有人提问。'])
})

it('draws every minute, and a hole where nobody counted', () => {
  expect(viewersChart(FULL)).toEqual({ times: AT.map((at) => clockTime(at)), series: [{ name: '在线人数', values: [300, 315, null] }] })
  expect(saidChart(FULL).series.map(({ values }) => values)).toEqual([[9, 3, 0], [1, 0, 0]])
  expect(reactionsChart(FULL).series).toEqual([{ name: '爱心', values: [0, 5, 0] }, { name: '点赞', values: [2, 12_298, 0] }])
})

it('heads it with the sums', () => {
  expect(tilesOf(FULL).map(({ value }) => value)).toEqual(['315', '40', '12', '1.2万', '4 / 3', '2 / 31'])
})
