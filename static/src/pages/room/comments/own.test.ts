import { expect, it } from 'vitest'
import type { Comment } from './comment'
import { Own } from './own'

const told = (offset: number, text: string, mine = true): Comment => ({ key: `o${offset}`, offset, text, author: '', name: '我', badge: null, at: '', mediaAt: null, id: '', answers: '', removed: '', mine, state: 'posted', reason: '' })
const seen = (own: Own) => own.comments.map(({ text, state }) => `${text} (${state})`)

function writing(text: string, since = 3): Own {
  const own = new Own()
  own.sending('k', text, '我', since)
  return own
}

it('makes room for its entry, whether that comes before the answer or after', () => {
  const before = writing('大家  好')
  before.told([told(4, '大家 好'), told(5, '好', false)], 5)
  expect(seen(before)).toEqual([])
  before.acknowledged('k', 4, 5)
  expect(seen(before)).toEqual([])

  const after = writing('大家  好')
  after.acknowledged('k', 4, 3)
  expect(seen(after)).toEqual(['大家  好 (posted)'])
  after.told([told(4, '大家 好')], 4)
  expect(seen(after)).toEqual([])
})

it('takes neither the words of others for its own nor its own earlier ones', () => {
  const own = writing('好')
  own.told([told(2, '好'), told(4, '好', false)], 4)
  expect(seen(own)).toEqual(['好 (sending)'])
})

it('comes back where the entry that looked like it was written on another device', () => {
  const own = writing('好')
  own.told([told(4, '好')], 4)
  expect(seen(own)).toEqual([])
  own.failed('k', '主播关闭了评论')
  expect(seen(own)).toEqual(['好 (failed)'])

  const later = writing('好')
  later.told([told(4, '好')], 4)
  later.acknowledged('k', 5, 4)
  expect(seen(later)).toEqual(['好 (posted)'])
})

it('keeps two alike apart', () => {
  const own = writing('好')
  own.sending('l', '好', '我', 3)
  own.told([told(4, '好')], 4)
  expect(seen(own)).toEqual(['好 (sending)'])
  own.acknowledged('k', 4, 4)
  own.told([told(5, '好')], 5)
  own.acknowledged('l', 5, 5)
  expect(seen(own)).toEqual([])
})

it('keeps what failed with the reason until it is sent again or discarded', () => {
  const own = writing('好')
  own.failed('k', '主播关闭了评论')
  own.told([], 9)
  expect(own.comments[0]).toMatchObject({ state: 'failed', reason: '主播关闭了评论' })
  own.sending('k', '好', '我', 9)
  expect(own.comments[0]).toMatchObject({ state: 'sending', reason: '' })
  own.discard('k')
  expect(own.comments).toEqual([])
})

it('is gone once the journal is past it, wherever its entry stands', () => {
  const own = writing('好')
  own.told([], 2_000)
  own.acknowledged('k', 7, 2_000)
  expect(own.comments).toEqual([])
})
