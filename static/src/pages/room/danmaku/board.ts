/** What runs over the picture, or stands on it. */
import type { Comment } from '../comments/comment'
import { element } from './element'
import type { StageClock } from './clock'

export interface Frame {
  /** px; the area comments may use. */
  width: number
  lanes: number
  laneHeight: number
  /** s in which each crosses it, or stands on it */
  duration: number
}

export interface Board {
  show: (comment: Comment) => void
  /** It was taken back: its words go at once. */
  remove: (offset: number) => void
  clear: () => void
  fit: (frame: Frame) => void
  /** Whatever has gone by is let go; answers whether anything is left. */
  sweep: () => boolean
  destroy: () => void
}

export type BoardMaker = (place: HTMLElement, clock: StageClock, frame: Frame) => Board

/** For those who want less motion: each stands in the first free line, and goes when its time is over. */
export class StillBoard implements Board {
  private readonly standing = new Map<number, { node: HTMLElement; line: number; until: number }>()

  constructor(
    private readonly place: HTMLElement,
    private readonly clock: StageClock,
    private frame: Frame,
  ) {}

  show(comment: Comment): void {
    const lines = [...this.standing.values()].map(({ line }) => line)
    let line = 0
    while (lines.includes(line)) line += 1
    const node = element(comment)
    node.classList.add('still')
    node.style.top = `${line * this.frame.laneHeight}px`
    this.place.appendChild(node)
    this.standing.set(comment.offset, { node, line, until: this.clock.currentTime + this.frame.duration })
  }

  remove(offset: number): void {
    this.standing.get(offset)?.node.remove()
    this.standing.delete(offset)
  }

  clear(): void {
    for (const offset of [...this.standing.keys()]) this.remove(offset)
  }

  fit(frame: Frame): void {
    this.clear()
    this.frame = frame
  }

  sweep(): boolean {
    for (const [offset, { until }] of [...this.standing]) if (this.clock.currentTime >= until) this.remove(offset)
    return this.standing.size > 0
  }

  destroy(): void {
    this.clear()
  }
}
