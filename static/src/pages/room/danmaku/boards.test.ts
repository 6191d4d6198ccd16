import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Comment } from '../comments/comment'
import { StillBoard, type Board, type Frame } from './board'
import { StageClock } from './clock'
import { element } from './element'
import { MovingBoard } from './moving'

/** The engine takes the screen's frames from the window when it is loaded: from then on they come when a test says so. */
const screen = vi.hoisted(() => {
  const waiting = new Map<number, FrameRequestCallback>()
  let id = 0
  window.requestAnimationFrame = (draw) => {
    waiting.set(++id, draw)
    return id
  }
  window.cancelAnimationFrame = (gone) => {
    waiting.delete(gone)
  }
  return { now: 1_000, waiting }
})

const comment = (offset: number, more: Partial<Comment> = {}): Comment => ({ key: `o${offset}`, offset, mediaAt: 0, text: `第${offset}句`, name: '封书瑶', badge: null, id: '', at: '', author: '', answers: '', removed: '', mine: false, state: 'posted', reason: '', ...more })
const FRAME: Frame = { width: 400, lanes: 3, laneHeight: 30, duration: 8 }
let place: HTMLElement
let clock: StageClock
let board: Board

beforeEach(() => {
  screen.waiting.clear()
  vi.spyOn(performance, 'now').mockImplementation(() => screen.now)
  place = document.createElement('div')
  clock = new StageClock()
  // What no layout is done for here: every comment is 100 × 30.
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockImplementation(function (this: HTMLElement) { return this.style.width === '' ? 100 : Number.parseFloat(this.style.width) })
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockImplementation(function (this: HTMLElement) { return this.style.height === '' ? 30 : Number.parseFloat(this.style.height) })
})
afterEach(() => {
  board.destroy()
})
function pass(ms: number): void {
  const end = screen.now + ms
  while (screen.now < end) {
    screen.now = Math.min(end, screen.now + 16)
    const drawn = [...screen.waiting.values()]
    screen.waiting.clear()
    for (const draw of drawn) draw(screen.now)
  }
}
const shown = () => [...place.querySelectorAll<HTMLElement>('.danmaku')].map(({ dataset }) => Number(dataset['offset']))
/** px from the left edge, and from above. */
function at(offset: number): [number, number] {
  const moved = place.querySelector<HTMLElement>(`[data-offset="${offset}"]`)?.parentElement?.style.transform ?? ''
  const [x = NaN, y = NaN] = (moved.match(/-?[\d.]+/g) ?? []).map(Number)
  return [x, y]
}

function moving(): void {
  board = new MovingBoard(place, clock, FRAME)
  clock.run(true)
  pass(50)
}

it('brings a comment in at the right edge within two frames, and out at the left when its time is over', () => {
  moving()
  board.show(comment(1))
  pass(34)
  expect(shown()).toEqual([1])
  expect(at(1)[0]).toBeGreaterThan(395)
  pass(4_000)
  expect(at(1)[0]).toBeGreaterThan(140)
  expect(at(1)[0]).toBeLessThan(155)
  pass(4_100)
  expect(shown()).toEqual([])
})

it('stands still with the picture and goes on from there', () => {
  moving()
  board.show(comment(1))
  pass(2_000)
  clock.run(false)
  const [held] = at(1)
  pass(60_000)
  expect(at(1)[0]).toBe(held)
  clock.run(true)
  pass(100)
  expect(at(1)[0]).toBeLessThan(held)
  expect(at(1)[0]).toBeGreaterThan(held - 10)
})

it('gives each its own lane while they could touch', () => {
  moving()
  for (const offset of [1, 2, 3]) board.show(comment(offset))
  pass(50)
  expect([1, 2, 3].map((offset) => at(offset)[1])).toEqual([0, 30, 60])
})

it('takes words back at once, and clears for a jump', () => {
  moving()
  board.show(comment(1))
  board.show(comment(2))
  pass(50)
  board.remove(1)
  expect(shown()).toEqual([2])
  board.clear()
  expect(shown()).toEqual([])
  board.show(comment(3))
  pass(50)
  expect(shown()).toEqual([3])
})

it('takes back what has not come in yet', () => {
  moving()
  board.show(comment(1))
  board.remove(1)
  pass(50)
  expect(place.textContent).toBe('')
})

it('keeps no element of what has gone by', () => {
  moving()
  for (let offset = 1; offset <= 50; offset += 1) {
    board.show(comment(offset))
    pass(300)
  }
  pass(12_000)
  expect(board.sweep()).toBe(false)
  const { entries } = board as unknown as { entries: { node?: unknown; render?: unknown }[] }
  expect(entries.every(({ node, render }) => node == null && render === undefined)).toBe(true)
})

it('goes on after the screen has drawn nothing for longer than a comment takes', () => {
  moving()
  board.show(comment(1))
  pass(50)
  screen.now += 30_000
  board.show(comment(2))
  board.sweep()
  pass(34)
  expect(shown()).toEqual([2])
  board.sweep()
  expect((board as unknown as { entries: { node?: unknown }[] }).entries[0]?.node).toBeNull()
})

it('goes on where the picture has another size', () => {
  moving()
  board.show(comment(1))
  pass(50)
  board.fit({ ...FRAME, width: 800, duration: 10 })
  board.show(comment(2))
  pass(34)
  expect(shown()).toEqual([2])
  expect(at(2)[0]).toBeGreaterThan(790)
})

it('shows them standing, one line each, where less motion is wanted', () => {
  board = new StillBoard(place, clock, { ...FRAME, duration: 5 })
  clock.run(true)
  board.show(comment(1))
  pass(2_000)
  board.show(comment(2))
  expect([...place.children].map((node) => (node as HTMLElement).style.top)).toEqual(['0px', '30px'])
  clock.run(false)
  pass(60_000)
  board.sweep()
  expect(shown()).toEqual([1, 2])
  clock.run(true)
  pass(3_100)
  expect(board.sweep()).toBe(true)
  expect(shown()).toEqual([2])
})

it('shows words as words, marks hosts and one’s own, and cuts what is too long', () => {
  board = new StillBoard(place, clock, FRAME)
  const wild = element(comment(1, { text: '<img src=x onerror=alert(1)>\u202Eabc', badge: 'host' }))
  expect(wild.querySelector('img')).toBeNull()
  expect(wild.querySelector('bdi')?.textContent).toContain('<img')
  expect(wild.querySelector('small')?.textContent).toBe('主播')
  expect(element(comment(2, { mine: true })).classList.contains('mine')).toBe(true)
  expect(Array.from(element(comment(3, { text: '学'.repeat(200) })).textContent)).toHaveLength(41)
})
