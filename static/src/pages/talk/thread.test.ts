import { describe, expect, it } from 'vitest'
import type { Spoken } from '@/sealed/content'
import { Thread, type Posted } from './thread'

const text = (words: string): Spoken => ({ t: 'text', text: words })
const posted = (offset: number, more: Partial<Posted> = {}): Posted => ({
  id: `m${offset}`, offset, at: '2026-07-01T06:30:00.000Z', mine: false, kind: 'text', key: 1, number: offset, body: 'x', recalled: false, of: null, ...more,
})
const words = (thread: Thread) => thread.messages.map(({ what }) => (what.t === 'text' ? what.text : what.t))

describe('what was said', () => {
  it('stands in the order of the journal, without what only the pages say to each other', () => {
    const thread = new Thread()
    thread.add(posted(2), text('二'))
    thread.add(posted(1, { mine: true }), text('一'))
    thread.add(posted(3, { kind: 'call' }), { t: 'call', step: 'ring', call: 'c', video: false, text: '', part: 0, of: 1 })
    thread.add(posted(4, { kind: 'system' }), { t: 'holds', count: 2 })
    thread.add(posted(5, { kind: 'call' }), { t: 'call-end', call: 'c', video: false, how: 'over', ms: 5_000 })
    expect(words(thread)).toEqual(['一', '二', 'call-end'])
  })

  it('that was taken back is gone, its copy too', () => {
    const thread = new Thread()
    thread.add(posted(1, { key: 1 }), 'locked')
    thread.add(posted(2, { key: 2, number: 1, kind: 'history', of: 'm1' }), { t: 'history', of: 'm1', mine: true, what: text('一') })
    expect(words(thread)).toEqual(['一'])
    thread.recall('m1')
    expect(words(thread)).toEqual(['recalled'])
    expect(thread.readable).toEqual([])
  })

  it('twice under one number was played again: the first counts', () => {
    const thread = new Thread()
    expect(thread.add(posted(1), text('好'))).toBe(true)
    expect(thread.add(posted(1), text('好'))).toBe(true)
    expect(thread.add(posted(2, { number: 1 }), text('好'))).toBe(false)
    expect(words(thread)).toEqual(['好'])
  })

  it('under keys that turned out to be somebody else’s is shown as nobody’s, and passed on to nobody', () => {
    const thread = new Thread()
    thread.add(posted(1, { key: 1 }), 'locked')
    thread.add(posted(2, { key: 2, number: 1 }), text('假的'))
    thread.add(posted(3, { key: 2, number: 2, kind: 'history', of: 'm1' }), { t: 'history', of: 'm1', mine: true, what: text('也是假的') })
    thread.add(posted(4, { key: 2, number: 3, kind: 'call' }), { t: 'call-end', call: 'c', video: false, how: 'over', ms: 1 })
    thread.doubt(2)
    thread.add(posted(5, { key: 2, number: 4 }), 'doubted')
    thread.add(posted(6, { key: 3, number: 1 }), text('真的'))
    expect(words(thread)).toEqual(['locked', 'doubted', 'doubted', '真的'])
    expect(thread.readable.map(({ id }) => id)).toEqual(['m6'])
  })

  it('shows how much did not come through', () => {
    const thread = new Thread()
    thread.add(posted(1, { number: 3 }), text('三'))
    thread.add(posted(2, { number: 5 }), text('五'))
    thread.add(posted(3, { number: 9, mine: true }), text('我'))
    expect(thread.missing(1)).toBe(1)
    expect(thread.missing(2)).toBe(0)
    thread.atStart = true
    expect(thread.missing(1)).toBe(3)
  })
})

describe('numbers that stand for nothing, as their sender says', () => {
  const skipped = (numbers: number[], round = 1) => ({ t: 'skipped' as const, round, numbers })

  it('are not missed; all others still are', () => {
    const thread = new Thread()
    thread.atStart = true
    thread.add(posted(1), text('一'))
    thread.add(posted(2, { number: 5, kind: 'system' }), skipped([2, 4]))
    expect(thread.missing(1)).toBe(1)
    expect(words(thread)).toEqual(['一'])
    thread.add(posted(3, { number: 3 }), text('三'))
    expect(thread.missing(1)).toBe(0)
    thread.add(posted(4, { number: 8 }), text('八'))
    expect(thread.missing(1)).toBe(2)
  })

  it('bring nothing, if a server that said it had refused it delivers it all the same, early or late', () => {
    const thread = new Thread()
    thread.add(posted(1), text('没有发出去的'))
    thread.add(posted(2, { number: 3, kind: 'system' }), skipped([1, 2]))
    expect(thread.add(posted(3, { number: 2 }), text('也没有发出去'))).toBe(false)
    thread.add(posted(4, { number: 4 }), text('又说一遍'))
    expect(words(thread)).toEqual(['又说一遍'])
    expect(thread.missing(1)).toBe(0)
  })

  it('bring no copy either', () => {
    const thread = new Thread()
    thread.add(posted(1, { key: 1 }), 'locked')
    thread.add(posted(2, { key: 2, number: 1, kind: 'history', of: 'm1' }), { t: 'history', of: 'm1', mine: true, what: text('一') })
    thread.add(posted(3, { key: 2, number: 2, kind: 'system' }), skipped([1], 2))
    expect(words(thread)).toEqual(['locked'])
  })

  it('are those of the sender’s own side, of the same round, and from before', () => {
    const thread = new Thread()
    thread.add(posted(1, { mine: true, number: 1 }), text('我'))
    thread.add(posted(2, { number: 1 }), text('对方'))
    thread.add(posted(3, { number: 2, kind: 'system' }), skipped([1], 2))
    thread.add(posted(4, { number: 3, kind: 'system' }), skipped([4, 5]))
    thread.add(posted(5, { mine: true, number: 2, kind: 'system' }), skipped([1]))
    expect(thread.add(posted(6, { number: 4 }), text('后来'))).toBe(true)
    expect(words(thread)).toEqual(['我', '对方', '后来'])
  })
})

describe('on a new device', () => {
  it('what was said before is closed until the other page passes it on', () => {
    const thread = new Thread()
    thread.add(posted(1, { mine: true }), 'locked')
    thread.add(posted(2), 'locked')
    expect(words(thread)).toEqual(['locked', 'locked'])
    thread.add(posted(3, { key: 2, number: 1, kind: 'history', of: 'm1' }), { t: 'history', of: 'm1', mine: false, what: text('我的话') })
    thread.add(posted(4, { key: 2, number: 2, kind: 'history', of: 'm2' }), { t: 'history', of: 'm2', mine: true, what: text('对方的话') })
    expect(words(thread)).toEqual(['我的话', '对方的话'])
    expect(thread.readable.map(({ id, mine, round }) => [id, mine, round])).toEqual([['m1', true, 2], ['m2', false, 2]])
  })

  it('nobody can put words into the mouth of the other side, nor into another message', () => {
    const thread = new Thread()
    thread.add(posted(1, { mine: true }), 'locked')
    thread.add(posted(3, { key: 2, number: 1, kind: 'history', of: 'm1' }), { t: 'history', of: 'm1', mine: true, what: text('假的') })
    thread.add(posted(4, { key: 2, number: 2, kind: 'history', of: 'm1' }), { t: 'history', of: 'm9', mine: false, what: text('假的') })
    expect(words(thread)).toEqual(['locked'])
  })

  it('what does not open, though the key is there, is said', () => {
    const thread = new Thread()
    thread.add(posted(1), 'broken')
    expect(words(thread)).toEqual(['broken'])
  })
})
