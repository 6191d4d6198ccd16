/** The stretches of a media playlist, for browsers that play it by themselves and tell no more than the date of its beginning. */
import type { Stretch } from './timeline'

/** Of a playlist that begins at the player's time 0, as every recording's does. */
export function stretchesOf(playlist: string): Stretch[] {
  const stretches: Stretch[] = []
  let start = 0
  let date = NaN
  for (const line of playlist.split(/\r?\n/)) {
    const [tag, value] = split(line)
    if (tag === '#EXT-X-PROGRAM-DATE-TIME') date = Date.parse(value)
    if (tag !== '#EXTINF') continue
    const duration = Number.parseFloat(value)
    if (!Number.isFinite(duration)) continue
    if (!Number.isNaN(date)) stretches.push({ start, duration, date })
    start += duration
    date += duration * 1000
  }
  return stretches
}

function split(line: string): [string, string] {
  const at = line.indexOf(':')
  return at < 0 ? [line, ''] : [line.slice(0, at), line.slice(at + 1)]
}
