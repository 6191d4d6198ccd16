import { expect, it } from 'vitest'
import type { Held } from '@/api'
import { Queue, UNDO_FOR } from './queue'

const held = (id: string, more: Partial<Held> = {}): Held => ({
  id,
  scope: 'b',
  kind: 'comment',
  text: `话${id}`,
  at: '2026-07-01T00:00:00Z',
  media_at: null,
  reply_to: null,
  reply_name: null,
  state: 'held',
  reason: '',
  author: { id: 'x', name: '闻小满', badge: null },
  why: 'pre_moderated',
  hits: [],
  decided: null,
  ...more,
})
const by = (id: string, name: string, who: string, state: Held['state'] = 'approved') => held(id, { state, decided: { at: '', by: { id: who, name, badge: null } } })

function desk(...ids: string[]): Queue {
  const queue = new Queue(() => 'me')
  queue.begin(ids.map((id) => held(id)))
  return queue
}
const shown = (queue: Queue) => queue.rows.map(({ id }) => (id === queue.current ? `[${id}]` : id)).join(' ')

it('begins at the oldest, and what comes new stays behind it', () => {
  const queue = desk('2', '1')
  expect(shown(queue)).toBe('[1] 2')
  queue.added(held('3'))
  expect(shown(queue)).toBe('[1] 2 3')
})

it('shows a decision at once, goes on at the same place, and lets it leave after five seconds', () => {
  const queue = desk('1', '2', '3')
  queue.choose('2')
  queue.decide(['2'], 'approve', '', 1000)
  expect(shown(queue)).toBe('1 [3]')
  queue.decide(['3'], 'reject', '', 2000)
  expect(shown(queue)).toBe('[1]')
  expect(queue.take(1000 + UNDO_FOR - 1)).toEqual([])
  expect(queue.take(1000 + UNDO_FOR).map(({ verdict, items }) => [verdict, items.map(({ id }) => id)])).toEqual([['approve', ['2']]])
  expect(queue.seconds(1000 + UNDO_FOR)).toBe(1)
  expect(queue.take(2000 + UNDO_FOR).map(({ verdict }) => verdict)).toEqual(['reject'])
  expect(shown(queue)).toBe('[1]')
})

it('takes the last back, and then the one before it', () => {
  const queue = desk('1', '2', '3')
  queue.decide(['1'], 'approve', '', 0)
  queue.decide(['2', '3'], 'reject', '', 10)
  expect(shown(queue)).toBe('')
  expect(queue.undo()).toBe(true)
  expect(shown(queue)).toBe('[2] 3')
  queue.undo()
  expect(shown(queue)).toBe('[1] 2 3')
  expect(queue.undo()).toBe(false)
  expect(queue.take(UNDO_FOR * 9, true)).toEqual([])
})

it('stands still while it is pointed at, for what is decided meanwhile too', () => {
  const queue = desk('1', '2')
  queue.decide(['1'], 'approve', '', 0)
  queue.hold(2000)
  queue.decide(['2'], 'approve', '', 9000)
  expect(queue.take(60_000)).toEqual([])
  expect(queue.seconds(60_000)).toBe(5)
  queue.release(60_000)
  expect(queue.left(60_000)).toBe(3000)
  expect(queue.take(63_000)).toHaveLength(1)
  expect(queue.take(65_000)).toHaveLength(1)
})

it('adds the reason to what was just rejected, and never to what is approved', () => {
  const queue = desk('1', '2')
  queue.decide(['1'], 'approve', '', 0)
  expect(queue.explain('广告或刷屏', 100)).toBe(false)
  queue.decide(['2'], 'reject', '', 200)
  expect(queue.explain('广告或刷屏', 4000)).toBe(true)
  expect(queue.take(200 + UNDO_FOR).map(({ verdict }) => verdict)).toEqual(['approve'])
  expect(queue.take(4000 + UNDO_FOR).map(({ reason }) => reason)).toEqual(['广告或刷屏'])
})

it('keeps with their name what somebody else decides under the eye, until the eye moves on', () => {
  const queue = desk('1', '2', '3')
  expect(queue.decided(by('1', '桑见远', 'other'))?.decided?.by.name).toBe('桑见远')
  expect(shown(queue)).toBe('[1] 2 3')
  expect(queue.decide(['1'], 'reject', '', 0)).toBe(false)
  queue.move(1)
  expect(shown(queue)).toBe('[2] 3')
  queue.decided(by('3', '桑见远', 'other'))
  expect(shown(queue)).toBe('[2]')
})

it('gives up its own decision where another was faster, and hears nothing of its own as news', () => {
  const queue = desk('1', '2')
  queue.decide(['1'], 'reject', '', 0)
  expect(queue.decided(by('1', '桑见远', 'other'))).not.toBeNull()
  expect(queue.decisions).toEqual([])
  queue.decide(['2'], 'approve', '', 0)
  queue.take(0, true)
  expect(queue.decided(by('2', '我', 'me'))).toBeNull()
  expect(shown(queue)).toBe('')
})

it('hides what is sent whichever of answer and journal comes first, and shows it again when it is put back', () => {
  const queue = desk('1')
  queue.decide(['1'], 'reject', '', 0)
  queue.take(0, true)
  queue.begin([held('1')])
  expect(shown(queue)).toBe('')
  queue.decided(by('1', '我', 'me', 'rejected'))
  queue.gone('1')
  queue.added(held('1'))
  expect(shown(queue)).toBe('[1]')
})

it('waits as before where the server would not', () => {
  const queue = desk('1', '2')
  queue.decide(['1'], 'approve', '', 0)
  queue.take(0, true)
  queue.refused('1')
  expect(shown(queue)).toBe('1 [2]')
})
