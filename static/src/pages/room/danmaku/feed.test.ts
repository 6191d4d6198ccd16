import { expect, it } from 'vitest'
import type { Entry } from '@/protocol'
import { DanmakuFeed, type Sink } from './feed'

const NOW = Date.parse('2026-07-01T04:00:00.000Z')
const iso = (ms: number) => new Date(ms).toISOString()
const entry = (offset: number, moment: number, written = NOW): Entry => ({ offset, type: 'comment.posted', at: iso(written), media_at: iso(moment), by: { id: 'other', name: '封书瑶' }, data: { id: `c${offset}`, text: String(offset) } })
const removal = (offset: number): Entry => ({ offset: 99, type: 'comment.removed', at: iso(NOW), data: { id: 'x', redacts: offset, left: { removed: 'host' } } })

function heard(feed: DanmakuFeed) {
  const told: string[] = []
  const sink: Sink = {
    known: (comments) => told.push(`known ${comments.map(({ offset }) => offset).join()}`),
    said: ({ offset }, fresh) => told.push(`${fresh ? 'said' : 'missed'} ${offset}`),
    gone: (offset) => told.push(`gone ${offset}`),
  }
  return { told, stop: feed.attach(sink) }
}
const made = () => new DanmakuFeed(() => 'me', () => NOW)

it('tells whoever comes later what is known, in the order of the moments', () => {
  const feed = made()
  feed.part.snapshot({ comments: { latest: [entry(1, NOW - 1_000), entry(2, NOW - 3_000)] } }, { epoch: 'e', head: 2 })
  feed.part.entries([entry(3, NOW - 2_000)])
  expect(heard(feed).told).toEqual(['known 2,3,1'])
})

it('tells apart what was said just now and what was missed', () => {
  const feed = made()
  const { told } = heard(feed)
  feed.part.entries([entry(4, NOW - 5_000), entry(5, NOW - 60_000, NOW - 58_000)])
  expect(told).toEqual(['known ', 'said 4', 'missed 5'])
})

it('tells at once what was taken back, and never brings it again', () => {
  const feed = made()
  const first = heard(feed)
  feed.part.entries([entry(6, NOW), entry(7, NOW), removal(6)])
  expect(first.told).toContain('gone 6')
  first.stop()
  expect(heard(feed).told).toEqual(['known 7'])
  const blank = { ...entry(8, NOW), data: { id: 'c8', removed: 'host' } }
  delete blank.by
  feed.part.entries([blank])
  expect(heard(feed).told).toEqual(['known 7'])
})

it('takes nothing but removals from the channel of a recording', () => {
  const feed = made()
  const { told } = heard(feed)
  feed.around([])
  feed.removalsOnly.entries([entry(9, NOW), removal(3)])
  expect(told).toEqual(['known ', 'known ', 'gone 3'])
})
