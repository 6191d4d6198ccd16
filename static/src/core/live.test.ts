/** Pitfall 28: WeChat's web view puts a page in the background to sleep, its socket too, and tells neither end. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Api } from '@/api'
import type { Connection, Entry } from '@/protocol'
import { batch, fresh, missed, Script, settled } from '@/protocol/testing'
import { createLive } from './live'
import { createSession } from './session'

let wire: Script
let live: Connection
let seen: number[]
let leave: () => void
const snapshot = vi.fn()
const hidden = (value: boolean) => {
  vi.spyOn(document, 'hidden', 'get').mockReturnValue(value)
  document.dispatchEvent(new Event('visibilitychange'))
}

/** In a room whose entries up to 5 were seen, with a socket that stands. */
beforeEach(async () => {
  wire = new Script()
  seen = []
  live = createLive(createSession({} as Api), () => wire)
  leave = live.follow('c', { snapshot, entries: (news: Entry[]) => seen.push(...news.map(({ offset }) => offset)) })
  wire.answers.push(fresh(3))
  wire.rise()
  await settled()
  wire.say('entries', batch(4, 5))
  wire.calls = []
})
// The page's own listeners stay for its life; those of another test have nothing to follow any more.
afterEach(() => {
  leave()
})

const resumed = ['subscribe', { channel: 'c', epoch: 'e', after: 5, to_head: true }]

it('pitfall 28: a page that comes into sight goes on from its offset, and misses and repeats nothing', async () => {
  hidden(true)
  expect(wire.calls).toEqual([])
  wire.answers.push(missed(8, 6, 7, 8))
  hidden(false)
  wire.say('entries', batch(8)) // the socket had only slept, and now tells what it still has
  await settled()
  wire.say('entries', batch(8, 9))
  expect(wire.calls).toEqual([resumed])
  expect(seen).toEqual([4, 5, 6, 7, 8, 9])
  expect(snapshot).toHaveBeenCalledTimes(1)
})

it('pitfall 28: a socket that died in its sleep without a word is opened anew, and goes on from the same offset', async () => {
  hidden(true)
  wire.answers.push(() => Promise.reject(new Error('no answer within four seconds')))
  hidden(false)
  await settled()
  expect(wire.connected).toBe(false)
  expect(wire.opened).toBe(2) // the first time for the room
  wire.answers.push(missed(6, 6))
  wire.rise()
  await settled()
  expect(wire.calls).toEqual([resumed, resumed])
  expect(seen).toEqual([4, 5, 6])
})

it('pitfall 28: a socket that was cut in its sleep is opened at once, not after the pause between attempts', () => {
  hidden(true)
  wire.drop()
  const before = wire.opened
  const closed = vi.spyOn(wire, 'close')
  hidden(false)
  expect(closed).toHaveBeenCalled() // which forgets the attempt that was waiting
  expect(wire.opened).toBe(before + 1)
})

it.each(['pageshow', 'online'])('pitfall 28: %s wakes it too, where a web view says nothing of sight', async (event) => {
  wire.answers.push(missed(6, 6))
  window.dispatchEvent(new Event(event))
  await settled()
  expect(wire.calls).toEqual([resumed])
  expect(seen).toEqual([4, 5, 6])
})

it('pitfall 28: a page that follows nothing wakes nobody', () => {
  leave()
  wire.calls = []
  const before = wire.opened
  hidden(false)
  expect(wire.calls).toEqual([])
  expect(wire.opened).toBe(before)
})
