import { expect, it } from 'vitest'
import { Backoff } from '../backoff'
import { StallWatch, type Cure } from './stall'

const watch = () => new StallWatch(new Backoff(7_000, 30_000, () => 0.5))

function still(one: StallWatch, from: number, to: number, should = true): [number, Cure][] {
  const cures: [number, Cure][] = []
  for (let now = from; now <= to; now += 1_000) {
    const cure = one.look(now, 5, should)
    if (cure !== 'none') cures.push([now, cure])
  }
  return cures
}

it('leaves a moving picture alone', () => {
  const one = watch()
  for (let second = 0; second < 60; second += 1) expect(one.look(second * 1000, second, true)).toBe('none')
})

it('jumps first, then loads anew with growing pauses', () => {
  expect(still(watch(), 0, 60_000)).toEqual([
    [3_000, 'jump'],
    [7_000, 'reload'],
    [14_000, 'reload'],
    [28_000, 'reload'],
    [56_000, 'reload'],
  ])
})

it('does nothing while the picture is meant to stand still', () => {
  expect(still(watch(), 0, 60_000, false)).toEqual([])
})

it('begins again after the picture has moved', () => {
  const one = watch()
  still(one, 0, 20_000)
  one.look(21_000, 6, true)
  one.look(22_000, 7, true)
  expect(one.look(23_000, 7, true)).toBe('none')
  expect(one.look(25_000, 7, true)).toBe('jump')
  expect(one.still(25_000)).toBe(3_000)
})
