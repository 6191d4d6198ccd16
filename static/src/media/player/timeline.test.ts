import { expect, it } from 'vitest'
import { stretchesOf } from './playlist'
import { dateAt, positionAt, type Stretch } from './timeline'

const NOON = Date.parse('2026-07-01T04:00:00.000Z')
// The host was gone for three minutes after the second segment.
const STRETCHES: Stretch[] = [
  { start: 0, duration: 2, date: NOON },
  { start: 2, duration: 2, date: NOON + 2_000 },
  { start: 4, duration: 2, date: NOON + 184_000 },
  { start: 6, duration: 1.5, date: NOON + 186_000 },
]

it('tells the moment of a picture on either side of a gap', () => {
  expect(dateAt(STRETCHES, 3.9)).toBeCloseTo(NOON + 3_900)
  expect(dateAt(STRETCHES, 4)).toBe(NOON + 184_000)
  expect(dateAt(STRETCHES, 6.5)).toBe(NOON + 186_500)
})

it('finds the picture of a moment on either side of a gap', () => {
  expect(positionAt(STRETCHES, NOON + 500)).toBe(0.5)
  expect(positionAt(STRETCHES, NOON + 185_000)).toBe(5)
})

it('goes there and back to the same place', () => {
  for (let position = 0; position < 7.5; position += 0.1) {
    expect(positionAt(STRETCHES, dateAt(STRETCHES, position)!)).toBeCloseTo(position, 6)
  }
})

it('sends what was said while the host was gone to the first picture after it', () => {
  expect(positionAt(STRETCHES, NOON + 60_000)).toBe(4)
})

it('takes durations that are a little short for no gap', () => {
  const close = [{ start: 0, duration: 1.98, date: NOON }, { start: 1.98, duration: 2, date: NOON + 2_000 }]
  expect(positionAt(close, NOON + 1_995)).toBe(1.98)
})

it('stays inside the recording', () => {
  expect(positionAt(STRETCHES, NOON - 60_000)).toBe(0)
  expect(positionAt(STRETCHES, NOON + 3_600_000)).toBe(7.5)
})

it('lets time run on past what the playlist lists: a live picture is there before its segment is', () => {
  expect(dateAt(STRETCHES, 9)).toBe(NOON + 189_000)
})

it('knows nothing of nothing', () => {
  expect(dateAt([], 5)).toBeNull()
  expect(positionAt([], NOON)).toBeNull()
})

it('reads them from a playlist', () => {
  const playlist = `#EXTM3U
#EXT-X-TARGETDURATION:2
#EXT-X-PROGRAM-DATE-TIME:2026-07-01T04:00:00.000Z
#EXTINF:2.00000,
f/ra0.m4s?token=a:b
#EXTINF:1.50000,
f/ra1.m4s
#EXT-X-DISCONTINUITY
#EXT-X-PROGRAM-DATE-TIME:2026-07-01T04:03:00.250Z
#EXTINF:2.00000,
f/ra2.m4s
#EXT-X-ENDLIST
`
  expect(stretchesOf(playlist)).toEqual([
    { start: 0, duration: 2, date: NOON },
    { start: 2, duration: 1.5, date: NOON + 2_000 },
    { start: 3.5, duration: 2, date: NOON + 180_250 },
  ])
  expect(stretchesOf('#EXTM3U\n#EXTINF:2,\na.m4s\n')).toEqual([])
})
