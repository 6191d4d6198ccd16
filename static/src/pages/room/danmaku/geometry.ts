/** How large comments over a picture are, and how many lanes there is room for. Pure, but for the reader's own type size. */
import type { Frame } from './board'
import type { Room } from './lanes'
import type { DanmakuSettings } from './settings'

const SCALE = { small: 0.85, normal: 1, large: 1.3 } as const
const AREA = { quarter: 0.25, half: 0.5, full: 1 } as const
/** A second, at most; between two in a lane, in their own size. */
const DENSITY = { few: { perSecond: 2, gap: 5, share: 0.5 }, normal: { perSecond: 5, gap: 2, share: 1 }, many: { perSecond: 12, gap: 1, share: 1 } } as const
const LEAST = 14
const ROOT = 17
/** s */
const STANDS = 5

/** px; large on large pictures, and with the large-type switch. */
export function typeSize(width: number, wish: DanmakuSettings['size'], root = rootSize()): number {
  const base = width < 600 ? 17 : width < 1000 ? 20 : 24
  return Math.max(LEAST, Math.round(base * SCALE[wish] * (root / ROOT)))
}

export function frameOf(size: { width: number; height: number }, type: number, settings: Pick<DanmakuSettings, 'area' | 'density'>, still: boolean): Frame {
  const laneHeight = Math.round(type * 1.6)
  const lanes = Math.floor((size.height * AREA[settings.area] * DENSITY[settings.density].share) / laneHeight)
  return { width: size.width, lanes: Math.max(1, lanes), laneHeight, duration: still ? STANDS : crossing(size.width) }
}

export function roomOf(frame: Frame, settings: Pick<DanmakuSettings, 'density'>, still: boolean): Room {
  const { perSecond, gap } = DENSITY[settings.density]
  return { lanes: frame.lanes, width: frame.width, duration: frame.duration, gap: (gap * frame.laneHeight) / 1.6, perSecond, still }
}

/** s: a wider picture takes longer to cross, at a speed that can still be read. */
function crossing(width: number): number {
  return Math.min(12, 6 + width / 250)
}

function rootSize(): number {
  const size = Number.parseFloat(getComputedStyle(document.documentElement).fontSize)
  return Number.isFinite(size) && size > 0 ? size : ROOT
}
