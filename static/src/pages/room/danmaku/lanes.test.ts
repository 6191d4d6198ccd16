import { expect, it } from 'vitest'
import { Lanes, type Room } from './lanes'

const ROOM: Room = { lanes: 3, width: 400, duration: 8, gap: 20, perSecond: 1_000, still: false }

interface Run {
  lane: number
  at: number
  width: number
}

/** Where they would run, told by the same rule that any engine follows: the first free lane. */
function touching(runs: readonly Run[], { width, duration }: Room): boolean {
  const place = (run: Run, now: number) => width - ((width + run.width) * (now - run.at)) / duration
  for (const a of runs)
    for (const b of runs) {
      if (a === b || a.lane !== b.lane || a.at > b.at) continue
      for (let now = b.at; now <= a.at + duration; now += 0.05) if (place(a, now) + a.width > place(b, now) + 0.5) return true
    }
  return false
}

it('lets no two of a lane touch, however long they are and whenever they come', () => {
  const lanes = new Lanes<number>(ROOM)
  const taken = (lanes as unknown as { taken: { at: number; width: number }[] }).taken
  const runs: Run[] = []
  let seed = 7
  const chance = () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647
  for (let now = 0; now < 60; now += 0.07) {
    const width = 40 + Math.floor(chance() * 700)
    if (!lanes.admits(runs.length, () => width, now, false)) continue
    runs.push({ lane: taken.findIndex((each) => each?.at === now), at: now, width })
  }
  expect(runs.length).toBeGreaterThan(30)
  expect(touching(runs, ROOM)).toBe(false)
})

it('lets no more in a second than somebody wants, evenly over a flood', () => {
  const lanes = new Lanes<number>({ ...ROOM, lanes: 200, perSecond: 5 })
  const inside: number[] = []
  for (let index = 0; index < 2_000; index += 1) if (lanes.admits(index, () => 50, index / 200, false)) inside.push(index / 200)
  expect(inside.length).toBeGreaterThanOrEqual(50)
  expect(inside.length).toBeLessThanOrEqual(56)
  expect(inside.filter((at) => at >= 5 && at < 6)).toHaveLength(5)
})

it('keeps room for one’s own words and those of hosts in a flood', () => {
  const lanes = new Lanes<string>({ ...ROOM, lanes: 2, perSecond: 5 })
  let shown = 0
  for (let index = 0; index < 800; index += 1) {
    const now = index / 200
    if (index === 400 && lanes.admits('mine', () => 80, now, true)) shown = now
    shown ||= lanes.again(now).includes('mine') ? now : 0
    lanes.admits('other', () => 80, now, false)
  }
  expect(shown).toBeGreaterThanOrEqual(2)
  expect(shown).toBeLessThan(4)
})

it('waits for no lane longer than the words belong to the picture', () => {
  const lanes = new Lanes<string>({ ...ROOM, lanes: 1, still: true })
  lanes.admits('first', () => 80, 0, false)
  expect(lanes.admits('mine', () => 80, 1, true)).toBe(false)
  expect(lanes.again(5)).toEqual([])
  expect(lanes.again(9)).toEqual([])
})

it('lets each that stands have its line for itself', () => {
  const lanes = new Lanes<string>({ ...ROOM, lanes: 2, still: true, duration: 5 })
  const asked = [0, 1, 2, 4.9, 5, 6].map((now) => lanes.admits('x', () => 80, now, false))
  expect(asked).toEqual([true, true, false, false, true, true])
})

it('forgets one that waits when it is taken back', () => {
  const lanes = new Lanes<string>({ ...ROOM, lanes: 1 })
  lanes.admits('first', () => 80, 0, false)
  lanes.admits('mine', () => 80, 0.1, true)
  lanes.withdraw((each) => each === 'mine')
  expect(lanes.again(3)).toEqual([])
})
