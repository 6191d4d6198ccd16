/**
 * The browser's own HLS (iPhones before iOS 17.1). It offers little: the date of the first sample, where seeking may go, and an
 * error that ends everything. Trouble is answered by the player above, which makes a new engine.
 */
import type { Engine, EngineEvents, Quality, Source } from './engine'

/** s: iOS wants about this much before it plays on without a stop. */
const BEHIND_EDGE = 3

type DatedVideo = HTMLVideoElement & { getStartDate?: () => Date }

export class NativeEngine implements Engine {
  readonly kind = 'native'

  constructor(
    private readonly video: DatedVideo,
    private readonly source: Source,
    private readonly events: EngineEvents,
  ) {
    video.addEventListener('error', this.failed)
    video.addEventListener('loadedmetadata', this.loaded)
    video.src = source.url
  }

  mediaTime(): number | null {
    // Read afresh each time: iOS moves the start date as the window slides.
    const start = this.video.getStartDate?.().getTime()
    return start === undefined || Number.isNaN(start) ? null : start + this.video.currentTime * 1000
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

  private readonly loaded = (): void => {
    if (this.source.startAt !== undefined) this.video.currentTime = this.source.startAt
    this.events.onLoaded()
  }

  private readonly failed = (): void => {
    this.events.onTrouble(false)
  }
}
