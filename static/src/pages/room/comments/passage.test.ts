import { describe, expect, it } from 'vitest'
import type { Comment } from './comment'
import { Passage, SNAPSHOT } from './passage'

const comment = (offset: number): Comment => ({ key: `o${offset}`, offset, text: String(offset), author: '', name: '封书瑶', badge: null, at: '', mediaAt: null, id: '', answers: '', removed: '', mine: false, state: 'posted', reason: '' })
/** From one offset to another, both included. */
const some = (first: number, last: number): Comment[] => Array.from({ length: last - first + 1 }, (_, index) => comment(first + index))
const span = (passage: Passage) => [passage.shown[0]?.offset, passage.shown[passage.shown.length - 1]?.offset]
const at = (head: number, epoch = 'e') => ({ epoch, head })

/** Somebody who has scrolled back from a snapshot of the comments 201 to 300. */
function reading(): Passage {
  const passage = new Passage()
  passage.begin(some(201, 300), at(300))
  passage.turn(true)
  return passage
}

describe('at the end', () => {
  it('shows the newest and lets go of the oldest', () => {
    const passage = new Passage()
    passage.begin(some(1, 50), at(50))
    expect(passage.atStart).toBe(true)
    passage.add(some(51, 400), 400)
    expect(span(passage)).toEqual([101, 400])
    expect(passage.atStart).toBe(false)
    expect(passage.unread).toBe(0)
  })

  it('begins anew with each snapshot, so that nothing is missing in between', () => {
    const passage = new Passage()
    passage.begin(some(1, 100), at(100))
    passage.begin(some(901, 1000), at(1000))
    expect(span(passage)).toEqual([901, 1000])
    expect(passage.atStart).toBe(false)
  })
})

describe('further back', () => {
  it('keeps what is read, counts what comes, and goes to the newest when asked', () => {
    const passage = reading()
    passage.addEarlier(some(101, 200), 201, false)
    passage.add(some(301, 320), 320)
    expect(span(passage)).toEqual([101, 320])
    expect(passage.unread).toBe(20)
    passage.turn(false)
    expect(passage.unread).toBe(0)
    expect(span(passage)).toEqual([101, 320])
  })

  it('keeps its place over a snapshot and comes to the newest page by page', () => {
    const passage = reading()
    passage.begin(some(901, 1000), at(1000))
    expect(span(passage)).toEqual([201, 300])
    expect(passage.detached).toBe(true)
    expect(passage.unread).toBe(SNAPSHOT)
    passage.add(some(1001, 1003), 1003)
    for (const first of [301, 401, 501, 601, 701, 801]) passage.addLater(some(first, first + 99), first - 1, first + 99)
    expect(passage.detached).toBe(false)
    expect(passage.shown[passage.shown.length - 1]?.offset).toBe(1003)
  })

  it('goes to the newest at once where they are not reached', () => {
    const passage = reading()
    passage.begin(some(901, 1000), at(1000))
    passage.turn(false)
    expect(span(passage)).toEqual([901, 1000])
    expect(passage.detached).toBe(false)
  })

  it('joins a snapshot that follows directly, whatever else happened in between', () => {
    const passage = reading()
    passage.add([], 303) // the broadcast went off air and on again
    passage.begin(some(304, 403), at(403))
    expect(passage.detached).toBe(false)
    expect(span(passage)).toEqual([201, 403])
  })

  it('drops what a restored server does not know any more', () => {
    const older = reading()
    older.begin(some(151, 250), at(250))
    expect(span(older)).toEqual([151, 250])
    const other = reading()
    other.begin(some(801, 900), at(900, 'f'))
    expect(span(other)).toEqual([801, 900])
  })

  it('takes no page that belongs elsewhere by now', () => {
    const passage = reading()
    passage.addEarlier(some(1, 50), 51, true)
    passage.addLater(some(301, 350), 300, 350)
    expect(span(passage)).toEqual([201, 300])
  })

  it('holds only so much, however far one reads', () => {
    const passage = reading()
    for (let first = 101; first > -1900; first -= 100) passage.addEarlier(some(first, first + 99), first + 100, false)
    expect(passage.shown).toHaveLength(900)
    expect(passage.detached).toBe(true)
    passage.add(some(301, 301), 301)
    expect(passage.unread).toBe(1)
  })
})

it('is what was said from its first comment to its last, whatever happens', () => {
  for (let seed = 1; seed <= 20; seed += 1) {
    let state = seed
    const random = (below: number) => (state = (state * 48_271) % 2_147_483_647) % below
    const said: number[] = []
    let head = 0
    const happen = (count: number): Comment[] => {
      const before = said.length
      for (let number = 0; number < count; number += 1) {
        head += 1
        if (random(8) > 0) said.push(head)
      }
      return said.slice(before).map(comment)
    }
    const passage = new Passage()
    happen(random(300))
    passage.begin(said.slice(-SNAPSHOT).map(comment), at(head))
    for (let step = 0; step < 120; step += 1) {
      const first = passage.shown[0]?.offset ?? 0
      switch (random(6)) {
        case 0:
          passage.turn(random(3) > 0)
          break
        case 1:
          happen(random(500))
          passage.begin(said.slice(-SNAPSHOT).map(comment), at(head))
          break
        case 2: {
          const older = said.filter((offset) => offset < first)
          passage.addEarlier(older.slice(-50).map(comment), first, older.length <= 50)
          break
        }
        case 3: {
          const newer = said.filter((offset) => offset > passage.end).slice(0, 50)
          passage.addLater(newer.map(comment), passage.end, newer.length < 50 ? null : newer[49]!)
          break
        }
        default:
          passage.add(happen(random(40)), head)
      }
      const [low, high] = span(passage)
      const whole = said.filter((offset) => offset >= (low ?? 0) && offset <= (high ?? 0))
      expect(passage.shown.map((each) => each.offset)).toEqual(whole)
      if (passage.atStart) expect(low).toBe(said[0])
      if (!passage.detached) expect(high).toBe(said[said.length - 1])
      expect(passage.shown.length).toBeLessThanOrEqual(1000)
    }
  }
})
