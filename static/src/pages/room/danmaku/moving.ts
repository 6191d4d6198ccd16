/**
 * The engine (npm `danmaku`) that moves comments over the picture. Loaded only where it is wanted.
 *
 * It is told of each comment when it is due and knows no media: its clock is that of the stage, which stands while the picture does. So
 * comments cross at a speed that can be read, whatever the picture's, and a live picture that hurries to the edge makes none jump. Of the
 * list it works through it never forgets an entry; what has gone by is emptied here.
 */
import Danmaku from 'danmaku'
import type { Comment } from '../comments/comment'
import type { Board, Frame } from './board'
import type { StageClock } from './clock'
import { element } from './element'

interface Entry {
  text: string
  mode: 'rtl'
  time: number
  render?: () => HTMLElement
  /** The engine's. */
  node?: HTMLElement | null
}

/** Lanes it may stray into where its measure and ours differ; they lie outside of what is seen. */
const SPARE = 2

export class MovingBoard implements Board {
  private readonly entries: Entry[] = []
  private readonly running = new Map<number, { entry: Entry; node: HTMLElement; until: number }>()
  private readonly stage: HTMLElement
  private readonly engine: Danmaku
  private duration = 0

  constructor(
    place: HTMLElement,
    private readonly clock: StageClock,
    frame: Frame,
  ) {
    this.stage = place.appendChild(document.createElement('div'))
    this.size(frame)
    this.engine = new Danmaku({ container: this.stage, media: clock as unknown as HTMLMediaElement, comments: this.entries, engine: 'dom' })
    this.engine.speed = frame.width / frame.duration
  }

  show(comment: Comment): void {
    const node = element(comment)
    const time = this.clock.currentTime
    const entry: Entry = { text: '', mode: 'rtl', time, render: () => node }
    this.entries.push(entry)
    this.running.set(comment.offset, { entry, node, until: time + this.duration + 1 })
  }

  remove(offset: number): void {
    const node = this.running.get(offset)?.node
    if (node === undefined) return
    // The engine may be about to bring it in.
    node.textContent = ''
    node.remove()
  }

  clear(): void {
    this.entries.length = 0
    this.running.clear()
    this.clock.tell('seeking')
  }

  fit(frame: Frame): void {
    this.clear()
    this.size(frame)
    this.engine.resize()
    this.engine.speed = frame.width / frame.duration
  }

  sweep(): boolean {
    const now = this.clock.currentTime
    for (const [offset, { entry, until }] of this.running) {
      // After a pause in the screen's frames the engine may not have noticed yet; what it still moves it must find.
      if (now < until || entry.node?.parentNode) continue
      this.running.delete(offset)
      delete entry.render
      entry.node = null
    }
    return this.running.size > 0
  }

  destroy(): void {
    this.engine.destroy()
    this.stage.remove()
  }

  private size({ width, lanes, laneHeight, duration }: Frame): void {
    this.duration = duration
    this.stage.style.width = `${width}px`
    this.stage.style.height = `${(lanes + SPARE) * laneHeight}px`
  }
}
