import { describe, expect, it } from 'vitest'
import css from './tokens.css?raw'

function variables(selector: string): Record<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`)).split('}')[0] ?? ''
  return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9a-f]{3,6});/g)].map((m) => [m[1]!, m[2]!]))
}

function luminance(colour: string): number {
  const hex = colour.length === 4 ? colour.slice(1).replace(/./g, '$&$&') : colour.slice(1)
  const [r, g, b] = [0, 2, 4]
    .map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
}

function contrast(one: string, other: string): number {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a)
  return (light! + 0.05) / (dark! + 0.05)
}

const light = { link: '#b8181d', ...variables(':root') }
const dark = { ...light, ...variables('.dark') }

const pairs: [string, string][] = [
  ...['ink', 'grey', 'link'].flatMap((text) => ['paper', 'card', 'sunken'].map((ground): [string, string] => [text, ground])),
  ['ink', 'red-tint'],
  ['link', 'red-tint'],
  ['gold-ink', 'gold-tint'],
  ['gold-ink', 'card'],
  ['green', 'green-tint'],
  ['green', 'card'],
  ['amber-ink', 'amber-tint'],
  ['amber-ink', 'card'],
  ['on-red', 'red'],
  ['on-red', 'red-pressed'],
]

describe.each([
  ['light', light],
  ['dark', dark],
])('%s colours', (_name, colours: Record<string, string>) => {
  it.each(pairs)('%s on %s passes WCAG AA', (text, ground) => {
    expect(contrast(colours[text]!, colours[ground]!)).toBeGreaterThanOrEqual(4.5)
  })
})

it.each(['ink', 'grey', 'link', 'gold-ink'])('%s on dark glass passes WCAG AA over any picture, white too', (text) => {
  const hall: Record<string, string> = dark
  const [r, g, b, share] = (/--glass: rgba\((.*)\)/.exec(css)?.[1] ?? '').split(',').map(Number)
  const mixed = [r!, g!, b!].map((value) => Math.round(value * share! + 255 * (1 - share!)).toString(16))
  expect(contrast(hall[text]!, `#${mixed.join('')}`)).toBeGreaterThanOrEqual(4.5)
})
