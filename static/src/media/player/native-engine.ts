/**
 * The browser's own HLS (iPhones before iOS 17.1). It offers little: the date of the first sample, where seeking may go, and an
 * error that ends everything. Trouble is answered by the player above, which makes a new engine.
 */
import type { Engine, EngineEvents, Quality, Source } from './engine'
import { stretchesOf } from './playlist'
import { dateAt, positionAt, type Stretch } from './timeline'

/** s: iOS wants about this much before it plays on without a stop. */
const BEHIND_EDGE = 3

type DatedVideo = HTMLVideoElement & { getStartDate?: () => Date }

export class NativeEngine implements Engine {
  readonly kind = 'native'
  /** Of a recording: the browser tells its beginning, but not where its host was gone. */
  private stretches: Stretch[] = []

  constructor(
    private readonly video: DatedVideo,
    private readonly source: Source,
    private readonly events: EngineEvents,
  ) {
    video.addEventListener('error', this.failed)
    video.addEventListener('loadedmetadata', this.loaded)
    video.src = source.url
    if (!source.live) void this.readPlaylist()
  }

  mediaTime(position = this.video.currentTime): number | null {
    return dateAt(this.known(), position)
  }

  positionAt(date: number): number | null {
    return positionAt(this.known(), date)
  }

  livePosition(): number | null {
    const ranges = this.video.seekable
    if (ranges.length === 0) return null
    return Math.max(ranges.start(ranges.length - 1), ranges.end(ranges.length - 1) - BEHIND_EDGE)
  }

  qualities(): Quality[] {
    return []
  }

  quality(): number {
    return -1
  }

  choose(): void {
    // iOS decides by itself.
  }

  bitrate(): number | null {
    return null
  }

  destroy(): void {
    this.video.removeEventListener('error', this.failed)
    this.video.removeEventListener('loadedmetadata', this.loaded)
    this.video.removeAttribute('src')
    this.video.load()
  }

  private known(): Stretch[] {
    if (this.stretches.length > 0) return this.stretches
    // Read afresh each time: iOS moves the start date as the window slides.
    const date = this.video.getStartDate?.().getTime() ?? NaN
    return Number.isNaN(date) ? [] : [{ start: 0, duration: Infinity, date }]
  }

  private async readPlaylist(): Promise<void> {
    try {
      const answer = await fetch(this.source.url)
      if (answer.ok) this.stretches = stretchesOf(await answer.text())
    } catch {
      // Then the date of the beginning has to do.
    }
  }

  private readonly loaded = (): void => {
    if (this.source.startAt !== undefined) this.video.currentTime = this.source.startAt
    this.events.onLoaded()
  }

  private readonly failed = (): void => {
    this.events.onTrouble(false)
  }
}
