import { expect, it } from 'vitest'
import type { Entry } from '@/protocol'
import { Thread } from './thread'

const entry = (offset: number, text: string, id = 'other'): Entry => ({
  offset,
  type: 'comment.posted',
  at: '2026-07-01T01:00:00.000Z',
  by: { id, name: '封书瑶' },
  data: { id: `c${offset}`, text },
})
const shown = (thread: Thread) => thread.comments.map((each) => `${each.text}${each.state === 'posted' ? '' : ` (${each.state})`}`)

it('shows what is being sent below, and once when its entry comes before the acknowledgement', () => {
  const thread = new Thread('me')
  thread.begin([entry(1, '早')])
  thread.sending('k', '大家  好', '我')
  expect(shown(thread)).toEqual(['早', '大家  好 (sending)'])
  thread.take([entry(2, '大家 好', 'me'), entry(3, '好')])
  expect(shown(thread)).toEqual(['早', '大家 好', '好'])
  expect(thread.comments[1]?.key).toBe('k')
  thread.acknowledged('k')
  expect(shown(thread)).toEqual(['早', '大家 好', '好'])
})

it('does not take the words of somebody else for its own', () => {
  const thread = new Thread('me')
  thread.sending('k', '好', '我')
  thread.take([entry(1, '好')])
  expect(shown(thread)).toEqual(['好', '好 (sending)'])
})

it('keeps what failed with the reason until it is discarded, also over a snapshot', () => {
  const thread = new Thread('me')
  thread.sending('k', '好', '我')
  thread.failed('k', '主播关闭了评论')
  thread.begin([])
  expect(thread.comments[0]).toMatchObject({ state: 'failed', reason: '主播关闭了评论' })
  thread.discard('k')
  expect(thread.comments).toEqual([])
})

it('keeps the newest three hundred', () => {
  const thread = new Thread(null)
  thread.begin(Array.from({ length: 400 }, (_, index) => entry(index + 1, String(index))))
  expect(thread.comments).toHaveLength(300)
  expect(thread.comments[299]?.text).toBe('399')
})
