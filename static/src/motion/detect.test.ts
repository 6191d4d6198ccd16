import { expect, it } from 'vitest'
import { after, AT_REST, level, type Sample } from './detect'
import { BEGINS, OCCASIONS, read, SHAKES, trace, written, type Occasion } from './traces/model'

const KEPT = import.meta.glob<string>('./traces/*.txt', { query: '?raw', import: 'default', eager: true })
const kept = (occasion: Occasion): Sample[] => read(KEPT[`./traces/${occasion}.txt`] ?? '')

/** ms of each shake that is felt. */
function shakes(samples: readonly Sample[]): number[] {
  let motion = AT_REST
  const felt: number[] = []
  for (const sample of samples) {
    const now = after(motion, sample)
    motion = now.motion
    if (now.shaken) felt.push(sample.at)
  }
  return felt
}

it.each(OCCASIONS)('keeps the trace that the model gives: %s', async (occasion) => {
  await expect(written(trace(occasion, 7))).toMatchFileSnapshot(`./traces/${occasion}.txt`)
})

it.each(SHAKES)('feels a shake within a second and a half: %s', (occasion) => {
  const first = shakes(kept(occasion))[0]
  expect(first).toBeGreaterThan(BEGINS * 1000)
  expect(first).toBeLessThan(BEGINS * 1000 + 1500)
})

it.each(OCCASIONS.filter((each) => !SHAKES.includes(each)))('takes nothing else for one: %s', (occasion) => {
  expect(kept(occasion).length).toBeGreaterThan(600)
  expect(shakes(kept(occasion))).toEqual([])
})

it('does so however the phone lies in the hand, and at the rates of all sensors', () => {
  for (const hertz of [100, 60, 50, 30]) {
    for (let seed = 1; seed <= 12; seed += 1) {
      for (const occasion of OCCASIONS) {
        const felt = shakes(trace(occasion, seed, hertz))
        expect([occasion, hertz, seed, felt.length > 0]).toEqual([occasion, hertz, seed, SHAKES.includes(occasion)])
      }
    }
  }
})

it('begins anew after a pause, and is not put off by a sensor that says nothing', () => {
  const whole = kept('shake').filter(({ at }) => at > 2000)
  const first = shakes(whole)[0] ?? Infinity
  expect(first).toBeLessThan(4000)
  // Half a shake, a look at something else, half a shake: the two are not one.
  const half = whole.filter(({ at }) => at < first - 100)
  const later = half.map((sample) => ({ ...sample, at: sample.at + 5000 }))
  expect(shakes([...half, ...later])).toEqual([])
  const silent = whole.flatMap((sample) => [{ at: sample.at, x: NaN, y: NaN, z: NaN }, sample])
  expect(shakes(silent)[0]).toBe(first)
})

it('shows how strongly it moves, and lets that fade', () => {
  expect(level(0, 0, 16)).toBe(0)
  expect(level(0, 10, 16)).toBeCloseTo(0.5)
  expect(level(0, 90, 16)).toBe(1)
  expect(level(1, 0, 250)).toBeCloseTo(Math.exp(-1))
})
