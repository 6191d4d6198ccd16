/**
 * hls.js with low latency. It retries playlists and parts by itself for as long as the page is open, 404 and 5xx included:
 * a server that restarts answers like that for a while. Only a refusal of rights (401, 403) is final; whoever owns the page
 * learns the rest from the broadcast itself.
 */
import Hls, { type ErrorData, type HlsConfig, type LoadPolicy, type RetryConfig } from 'hls.js/light'
import type { Engine, EngineEvents, Quality, Source } from './engine'
import { dateAt, positionAt, type Stretch } from './timeline'

/** ms */
const REMEMBERED = 250

const patient: RetryConfig = { maxNumRetry: 10_000, retryDelayMs: 500, maxRetryDelayMs: 5_000, backoff: 'exponential', shouldRetry }

// hls.js asks whether to go on; by itself it would give up on every 4xx.
function shouldRetry(_retry: RetryConfig | null | undefined, _count: number, _timeout: boolean, response?: { code?: number }): boolean {
  return response?.code !== 401 && response?.code !== 403
}

const policy = (firstByte: number, load: number): LoadPolicy => ({
  default: { maxTimeToFirstByteMs: firstByte, maxLoadTimeMs: load, timeoutRetry: { ...patient, retryDelayMs: 0 }, errorRetry: patient },
})

function configuration(live: boolean): Partial<HlsConfig> {
  return {
    lowLatencyMode: live,
    // The transmuxer has nothing to do with fMP4, and a worker would need its own file.
    enableWorker: false,
    backBufferLength: live ? 30 : 90,
    maxBufferLength: live ? 20 : 60,
    maxLiveSyncPlaybackRate: 1.06,
    liveDurationInfinity: live,
    manifestLoadPolicy: policy(10_000, 20_000),
    // A blocking reload is held by the server for up to three target durations.
    playlistLoadPolicy: policy(15_000, 25_000),
    fragLoadPolicy: policy(10_000, 60_000),
  }
}

export class HlsEngine implements Engine {
  readonly kind = 'hls.js'
  private readonly hls: Hls
  private readonly video: HTMLVideoElement
  private mendedAt = -Infinity
  /** Asked for with every frame, of hours of segments. */
  private known: { details: Hls['latestLevelDetails']; at: number; stretches: readonly Stretch[] } = { details: null, at: -Infinity, stretches: [] }

  static supported(): boolean {
    return Hls.isSupported()
  }

  constructor(
    video: HTMLVideoElement,
    source: Source,
    private readonly events: EngineEvents,
  ) {
    this.video = video
    this.hls = new Hls({ ...configuration(source.live), startPosition: source.startAt ?? -1 })
    this.hls.on(Hls.Events.ERROR, (_name, data) => {
      this.fault(data)
    })
    this.hls.on(Hls.Events.LEVEL_LOADED, () => {
      events.onLoaded()
    })
    this.hls.loadSource(source.url)
    this.hls.attachMedia(video)
  }

  mediaTime(position = this.video.currentTime): number | null {
    return dateAt(this.stretches(), position)
  }

  positionAt(date: number): number | null {
    return positionAt(this.stretches(), date)
  }

  livePosition(): number | null {
    return this.hls.liveSyncPosition
  }

  qualities(): Quality[] {
    return this.hls.levels.map((level, index) => ({ index, label: `${Math.min(level.width, level.height)}P` }))
  }

  quality(): number {
    return this.hls.autoLevelEnabled ? -1 : this.hls.currentLevel
  }

  choose(index: number): void {
    this.hls.nextLevel = index
  }

  bitrate(): number | null {
    return this.hls.levels[this.hls.currentLevel]?.bitrate ?? null
  }

  destroy(): void {
    this.hls.destroy()
  }

  /** hls.js moves the starts to where the media really lies. The last segment of a live playlist is still growing. */
  private stretches(): readonly Stretch[] {
    const details = this.hls.latestLevelDetails
    const now = performance.now()
    const { known } = this
    if (known.details === details && now - known.at < REMEMBERED) return known.stretches
    const stretches: Stretch[] = []
    for (const { start, duration, programDateTime: date } of [...(details?.fragments ?? []), ...(details?.fragmentHint === undefined ? [] : [details.fragmentHint])]) {
      if (date !== null) stretches.push({ start, duration, date })
    }
    this.known = { details, at: now, stretches }
    return stretches
  }

  private fault(data: ErrorData): void {
    if (data.response?.code === 401 || data.response?.code === 403) {
      this.events.onTrouble(true)
    } else if (data.fatal && data.type === Hls.ErrorTypes.MEDIA_ERROR && performance.now() - this.mendedAt > 5_000) {
      this.mendedAt = performance.now()
      this.hls.recoverMediaError()
    } else if (data.fatal || data.type === Hls.ErrorTypes.NETWORK_ERROR) {
      this.events.onTrouble(false)
    }
  }
}
