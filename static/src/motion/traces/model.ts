/**
 * What an accelerometer in a phone says on different occasions: a model, and the maker of the traces beside it. They are kept, so that
 * the detection is always tested on the same ones; `npx vitest run src/motion -u` writes them anew after a change here.
 *
 * No recording is copied. The figures are orders of magnitude out of what is published, taken at their upper end where nothing may
 * be detected and at the lower end where something must be:
 * - Sensor: 60 Hz, values in steps of 0.1 m/s² (W3C Device Orientation and Motion, its section on coarsened values), noise of 0.08 m/s².
 * - Walking: Kwapisz, Weiss, Moore, Activity Recognition using Cell Phone Accelerometers (SensorKDD 2010; data set WISDM v1.1, phone in
 *   the front pocket) and Anguita and others (IWAAL 2012; data set UCI HAR, phone at the waist): two steps a second, swings of 3 to 4
 *   m/s² up and down with the first harmonic at half of that, sideways at the rate of the stride, and a spike where the heel strikes.
 * - Bus: Jonsson, Rynell, Hagberg, Johnson, Comparison of whole-body vibration exposures in buses (Ergonomics 58, 2015): below 0.5
 *   m/s² r.m.s., the action value of directive 2002/44/EC; the body bounces at 1 to 2 Hz, the wheels at 10 to 12 Hz. Kerbs and
 *   potholes give single jolts, brakes 2 m/s² for seconds, and an old road three times the average.
 * - Knock: a blow to a table is over in 10 ms and rings out within some 50 ms at tens of hertz, of which 60 samples a second see the
 *   peaks alone, with either sign. Drumming fingers give five a second.
 * - Shaking: the band from 2.1 to 5.1 Hz which android-developers settled on (mail-archive.com, msg79759), with swings from 14 m/s²,
 *   what somebody of seventy does sitting, to the 30 m/s² and more of a young arm; wrist and arm turn meanwhile.
 */
import type { Sample } from '../detect'

export type Occasion = 'rest' | 'walking' | 'bus' | 'knock' | 'drumming' | 'picked-up' | 'gentle-shake' | 'shake' | 'wild-shake'

/** The ones with a real shake in them. */
export const SHAKES: readonly Occasion[] = ['gentle-shake', 'shake', 'wild-shake']
export const OCCASIONS: readonly Occasion[] = ['rest', 'walking', 'bus', 'knock', 'drumming', 'picked-up', ...SHAKES]
/** s */
export const LENGTH = 12
/** s; before it the phones of `SHAKES` are held still. */
export const BEGINS = 2

type Vector = [number, number, number]
/** m/s² beside gravity at a moment (s), along the world's axes: forwards, sideways, up. */
type Course = (at: number, chance: () => number) => Vector

const TURN = 2 * Math.PI
const GRAVITY = 9.81

/** The same for the same seed (mulberry32). */
function chanceOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** A blow at `hit` that rings out: half of it is gone after 12 ms. */
function ringing(at: number, hit: number, peak: number, hertz: number): number {
  const since = at - hit
  return since < 0 || since > 0.2 ? 0 : peak * Math.exp(-since / 0.017) * Math.cos(TURN * hertz * since)
}

const jolt = (at: number, hit: number, peak: number, length: number): number => (at < hit || at > hit + length ? 0 : peak * Math.sin((Math.PI * (at - hit)) / length))

function walking(at: number): Vector {
  const step = TURN * 2 * at
  const sinceHeel = (at * 2) % 1
  const heel = sinceHeel < 0.08 ? 5 * (1 - sinceHeel / 0.08) : 0
  return [1.4 * Math.sin(step + 0.8), 1.3 * Math.sin(step / 2), 3.6 * Math.sin(step) + 1.7 * Math.sin(2 * step + 0.5) + heel]
}

function bus(at: number, chance: () => number): Vector {
  const brake = at > 7 && at < 9.5 ? -2 : 0
  const road = 0.8 * Math.sin(TURN * 1.4 * at) + 0.6 * Math.sin(TURN * 11 * at) + (chance() - 0.5)
  const jolts = jolt(at, 3, 7, 0.09) + jolt(at, 3.12, -5, 0.11) + jolt(at, 10.2, 8, 0.08)
  return [brake + 0.3 * Math.sin(TURN * 0.9 * at), 0.5 * Math.sin(TURN * 0.6 * at), road + jolts]
}

/** To and fro at `hertz` with swings of `peak`, while the arm turns slowly; no two swings are alike. */
function shaking(hertz: number, peak: number): Course {
  return (at, chance) => {
    if (at < BEGINS) return [0, 0, 0]
    const swing = peak * (0.9 + 0.2 * chance()) * Math.sin(TURN * hertz * (at - BEGINS))
    const turned = 0.5 * Math.sin(TURN * 0.3 * at)
    return [swing * Math.cos(turned), swing * Math.sin(turned), 0.3 * swing + 1.5 * Math.sin(TURN * 2 * hertz * at)]
  }
}

const COURSES: Readonly<Record<Occasion, Course>> = {
  rest: () => [0, 0, 0],
  walking,
  bus,
  knock: (at) => [0, 0, [2, 5, 5.6, 9].reduce((sum, hit) => sum + ringing(at, hit, 28, 38), 0)],
  drumming: (at) => [0, 0, ringing(at, Math.floor(at * 5) / 5, 24, 41)],
  // Off the table with a jerk, towards the eyes, and down again: one push and one against it, once each.
  'picked-up': (at) => [jolt(at, 2, 11, 0.3) + jolt(at, 2.4, -10, 0.3) + jolt(at, 8.4, 9, 0.3), 0, jolt(at, 2, 6, 0.4) - jolt(at, 8, 7, 0.4) + ringing(at, 8.7, 20, 35)],
  'gentle-shake': shaking(2.3, 14),
  shake: shaking(3.5, 19),
  'wild-shake': shaking(5, 32),
}

/** What the sensor says of it, sample after sample, with the phone lying in the hand as chance has it. */
export function trace(occasion: Occasion, seed: number, hertz = 60): Sample[] {
  const chance = chanceOf(seed)
  const held = rotation(TURN * chance(), Math.acos(2 * chance() - 1), TURN * chance())
  const course = COURSES[occasion]
  return Array.from({ length: LENGTH * hertz }, (_, index) => {
    const at = index / hertz + (chance() - 0.5) * 0.004
    const [forwards, sideways, up] = course(Math.max(0, at), chance)
    const felt = held([forwards, sideways, up + GRAVITY]).map((value) => Math.round((value + (chance() + chance() - 1) * 0.14) * 10) / 10)
    return { at: Math.round(Math.max(0, at) * 1000), x: felt[0] ?? 0, y: felt[1] ?? 0, z: felt[2] ?? 0 }
  })
}

function rotation(yaw: number, pitch: number, roll: number): (world: Vector) => number[] {
  const around = (angle: number, one: number, other: number) => (vector: number[]): number[] => {
    const turned = [...vector]
    turned[one] = (vector[one] ?? 0) * Math.cos(angle) - (vector[other] ?? 0) * Math.sin(angle)
    turned[other] = (vector[one] ?? 0) * Math.sin(angle) + (vector[other] ?? 0) * Math.cos(angle)
    return turned
  }
  return (world) => around(roll, 0, 1)(around(pitch, 1, 2)(around(yaw, 0, 1)(world)))
}

/** As it is kept: a line for each sample, ms and m/s². */
export const written = (samples: readonly Sample[]): string => samples.map(({ at, x, y, z }) => `${at} ${x} ${y} ${z}\n`).join('')

export function read(text: string): Sample[] {
  return text.trim().split('\n').map((line) => {
    const [at = NaN, x = NaN, y = NaN, z = NaN] = line.split(' ').map(Number)
    return { at, x, y, z }
  })
}
