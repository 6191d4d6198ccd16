import { expect, it } from 'vitest'
import type { Entry } from '@/protocol'
import { after, bestFirst, ordered, settled, spans, type Question } from './question'

const entry = (type: string, data: Record<string, unknown>, by: string | null = null): Entry =>
  ({ offset: 1, type: `question.${type}`, at: '2026-07-01T06:40:00.000Z', data, ...(by === null ? {} : { by: { id: by, name: by } }) })
const told = (...entries: Entry[]) => entries.reduce<readonly Question[]>((all, each) => after(all, each), [])
const asked = (id: string, more: Partial<Question> = {}): Question => ({ ...told(entry('asked', { id, text: id }, 'a'))[0]!, ...more })

it('builds from entries what a snapshot shows', () => {
  const [one, other] = told(
    entry('asked', { id: 'q', text: '有回看吗？' }, 'a'),
    entry('asked', { id: 'r', text: '匿名的' }),
    entry('voted', { id: 'q', votes: 3 }),
    entry('pinned', { id: 'q', pinned: true }),
    entry('answering', { id: 'q', state: 'answering', answering_at: 'x', answered_at: null }),
    entry('replied', { id: 'x', question: 'q', text: '有' }, 'b'),
    entry('replied', { id: 'y', question: 'q', text: '同一个链接' }, 'c'),
    entry('adopted', { id: 'q', reply: 'y' }),
  )
  expect(one).toMatchObject({ votes: 3, pinned: true, state: 'answering', answering_at: 'x', adopted: 'y', by: { id: 'a' } })
  expect(bestFirst(one!).map(({ text }) => text)).toEqual(['同一个链接', '有'])
  expect(other).toEqual({ id: 'r', at: '2026-07-01T06:40:00.000Z', text: '匿名的', state: 'asked', answering_at: null, answered_at: null, votes: 0, pinned: false, adopted: null, replies: [] })
})

it('loses what is taken back, and does not stumble over what is blank or unknown', () => {
  const all = told(
    entry('asked', { id: 'q', text: '一' }, 'a'),
    entry('replied', { id: 'x', question: 'q', text: '有' }, 'b'),
    entry('adopted', { id: 'q', reply: 'x' }),
    entry('reply_removed', { id: 'x', question: 'q', redacts: 2, left: {} }),
    entry('asked', { id: 'blank', removed: 'host' }),
    entry('replied', { id: 'z', question: 'q', removed: 'host' }),
    entry('voted', { id: 'nobody', votes: 9 }),
    entry('something_new', { id: 'q' }),
  )
  expect(all).toHaveLength(1)
  expect(all[0]).toMatchObject({ adopted: null, replies: [] })
  expect(after(all, entry('removed', { id: 'q', redacts: 1, left: {} }))).toEqual([])
  expect(after(all, { ...entry('x', {}), type: 'comment.posted' })).toBe(all)
})

it('puts what is answered now and what is pinned on top, and what was answered at the end', () => {
  const all = [
    asked('done', { state: 'answered', votes: 99 }),
    asked('few', { votes: 1, at: '2026-07-01T06:42:00.000Z' }),
    asked('many', { votes: 5 }),
    asked('pinned', { pinned: true }),
    asked('now', { state: 'answering' }),
  ]
  const ids = (by: 'votes' | 'time') => ordered(all, by).map(({ id }) => id)
  expect(ids('votes')).toEqual(['now', 'pinned', 'many', 'few', 'done'])
  expect(ids('time')).toEqual(['now', 'pinned', 'few', 'many', 'done'])
})

it('lets an answer that was under way last until the end of the broadcast', () => {
  const open = asked('q', { state: 'answering', answering_at: '2026-07-01T06:40:00.000Z' })
  expect(settled([open], null)).toEqual([open])
  const end = '2026-07-01T06:41:00.000Z'
  expect(spans(settled([open, asked('r')], end))).toEqual([{ question: { ...open, state: 'answered', answered_at: end }, from: Date.parse(open.answering_at!), to: Date.parse(end) }])
  expect(spans([asked('s', { state: 'answered', answered_at: end })])).toEqual([]) // nobody marked where it began
})
