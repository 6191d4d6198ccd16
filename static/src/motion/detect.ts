/**
 * Whether a phone is being shaken: a pure function of what its accelerometer says (W3C Device Orientation and Motion, `devicemotion`).
 *
 * Shaking goes to and fro, with weight behind it, and lasts. What is looked for is a push, strong and long enough to have moved the
 * phone, that is answered by one against it, several times within a second and a half; the direction may be any. So a knock on the
 * table (strong, but over in an instant), a walk (weak), a bus (weaker) and a phone put down (one push and rest) do not count, however
 * long they go on. Somebody who runs with the phone in the hand shakes it: that is let be.
 */

/** m/s², gravity included, along the phone's axes; `at` in ms. */
export interface Sample {
  at: number
  x: number
  y: number
  z: number
}

type Way = readonly [number, number, number]

interface Push {
  /** ms of its newest sample. */
  at: number
  /** m/s in each direction: what it has added to the phone's speed. */
  gained: Way
  counted: boolean
}

export interface Motion {
  /** Gravity as it has been on average, to be taken off. */
  readonly gravity: Way | null
  readonly last: number
  readonly push: Readonly<Push> | null
  /** The last push that moved the phone: when it was felt last, and which way it went. */
  readonly moved: { readonly at: number; readonly way: Way } | null
  /** When each of the last such pushes was answered by its opposite. */
  readonly turns: readonly number[]
}

export interface Felt {
  motion: Motion
  /** m/s² beside gravity. */
  force: number
  shaken: boolean
}

export const AT_REST: Motion = { gravity: null, last: 0, push: null, moved: null, turns: [] }

const PUSH = 9 // m/s²; walking with the phone in the hand stays below, but for the instant a heel strikes
const GAINS = 0.4 // m/s; a gentle shake gives 0.6 and more in each direction, a knock 0.2
const LONGEST = 20 // ms that one sample can stand for: a slow sensor must not make a knock long
const BREAK = 120 // ms without force end a push
const AGAINST = -0.4 // cosine of the angle between two pushes that answer each other
const TURNS = 4
const WITHIN = 1500 // ms
const ANSWERED = 500 // ms between a push and the one against it; slower is no shaking
const SETTLES = 700 // ms; how quickly a new posture of the phone is taken for what gravity is
const GAP = 1000 // ms without a word from the sensor: begin anew

/** What is known after one more sample, and whether this is a shake. */
export function after(motion: Motion, sample: Sample): Felt {
  const felt: Way = [sample.x, sample.y, sample.z]
  if (!felt.every(Number.isFinite)) return { motion, force: 0, shaken: false }
  const passed = sample.at - motion.last
  if (motion.gravity === null || passed > GAP || passed < 0) {
    return { motion: { ...AT_REST, gravity: felt, last: sample.at }, force: 0, shaken: false }
  }
  const gravity = nearer(motion.gravity, felt, 1 - Math.exp(-passed / SETTLES))
  const way: Way = [felt[0] - gravity[0], felt[1] - gravity[1], felt[2] - gravity[2]]
  const force = strength(way)
  const turns = motion.turns.filter((at) => sample.at - at < WITHIN)
  const now: Motion = { ...motion, gravity, last: sample.at, turns }
  if (force < PUSH) return { motion: now, force, shaken: false }
  return { force, ...pushed(now, way, sample.at, Math.min(passed, LONGEST) / 1000) }
}

function pushed(motion: Motion, way: Way, at: number, seconds: number): { motion: Motion; shaken: boolean } {
  const before = motion.push !== null && at - motion.push.at < BREAK && cosine(motion.push.gained, way) > 0 ? motion.push : null
  const gained: Way = [0, 1, 2].map((axis) => (before?.gained[axis] ?? 0) + (way[axis] ?? 0) * seconds) as unknown as Way
  const counts = strength(gained) >= GAINS
  const push: Push = { at, gained, counted: counts }
  if (!counts) return { motion: { ...motion, push }, shaken: false }
  const moved = { at, way: gained }
  if (before?.counted === true || !answers(motion, gained, at)) return { motion: { ...motion, push, moved }, shaken: false }
  const turns = [...motion.turns, at]
  const shaken = turns.length >= TURNS
  return { motion: { ...motion, push, moved, turns: shaken ? [] : turns }, shaken }
}

function answers({ moved }: Motion, way: Way, at: number): boolean {
  return moved !== null && at - moved.at <= ANSWERED && cosine(moved.way, way) < AGAINST
}

function nearer(from: Way, to: Way, share: number): Way {
  return [from[0] + (to[0] - from[0]) * share, from[1] + (to[1] - from[1]) * share, from[2] + (to[2] - from[2]) * share]
}

const dot = (a: Way, b: Way) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
const strength = (way: Way) => Math.sqrt(dot(way, way))
const cosine = (a: Way, b: Way) => dot(a, b) / (strength(a) * strength(b) || 1)

/** How strongly a phone is moved, for the eye: 0 at rest, 1 at a hearty shake, falling off by itself. `passed`: ms since `before`. */
export function level(before: number, force: number, passed: number): number {
  const fallen = before * Math.exp(-passed / 250)
  return Math.min(1, Math.max(fallen, (force - 2) / 16))
}
