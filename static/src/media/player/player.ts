/**
 * Plays one source on one video element and keeps it playing. Knows no Vue.
 *
 * Starts muted, since browsers refuse anything else; where even that is refused (`blocked`) a tap begins. A live picture that
 * falls more than ten seconds behind goes to the edge. Stalls and errors are cured with growing pauses; the last frame stays.
 */
import { Backoff } from '../backoff'
import { makeEngine, type Engine, type EngineMaker, type Quality, type Source } from './engine'
import { StallWatch } from './stall'

export type PlayerState = 'idle' | 'loading' | 'playing' | 'waiting' | 'paused' | 'blocked' | 'ended'

export interface Snapshot {
  state: PlayerState
  muted: boolean
  /** Seconds. */
  position: number
  duration: number
  buffered: number
  rate: number
  /** Something is wrong and being mended. */
  troubled: boolean
}

/** s */
const TOO_FAR_BEHIND = 10
const RELOAD_FIRST = 1_000
const RELOAD_LONGEST = 15_000

export class Player {
  private engine: Engine | null = null
  private source: Source | null = null
  private wanted = true
  private blocked = false
  private troubled = false
  /** A moment to go to whose place is not known yet. */
  private sought: number | null = null
  private turn = 0
  private readonly watch = new StallWatch()
  private readonly backoff = new Backoff(RELOAD_FIRST, RELOAD_LONGEST)
  private reloading: ReturnType<typeof setTimeout> | undefined
  private readonly ticking: ReturnType<typeof setInterval>
  /** Whether the picture may be expected to move; false while the host is gone. */
  expecting = true

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly onChange: (snapshot: Snapshot) => void,
    private readonly maker: EngineMaker = makeEngine,
  ) {
    for (const name of EVENTS) video.addEventListener(name, this.changed)
    document.addEventListener('visibilitychange', this.seen)
    document.addEventListener('WeixinJSBridgeReady', this.begin)
    this.ticking = setInterval(() => {
      this.tick()
    }, 1_000)
  }

  open(source: Source | null): void {
    this.wanted = source?.live === true
    this.sought = null
    this.start(source)
  }

  private start(source: Source | null): void {
    clearTimeout(this.reloading)
    this.source = source
    this.engine?.destroy()
    this.engine = null
    this.blocked = false
    const turn = ++this.turn
    if (source === null) return
    const events = {
      onTrouble: (final: boolean) => {
        if (turn === this.turn) this.trouble(final)
      },
      onLoaded: () => {
        if (turn === this.turn) this.troubled = false
      },
    }
    void this.maker(this.video, source, events).then((engine) => {
      if (turn !== this.turn) {
        engine.destroy()
        return
      }
      this.engine = engine
      this.begin()
    })
  }

  play(): void {
    this.wanted = true
    if (this.source?.live === true && this.behind() > TOO_FAR_BEHIND) this.goLive()
    this.begin()
  }

  pause(): void {
    this.wanted = false
    this.video.pause()
  }

  /** After a tap: sound on, and playing if the browser had refused before. */
  setMuted(muted: boolean): void {
    this.video.muted = muted
    if (this.wanted) this.begin()
    this.changed()
  }

  seek(seconds: number): void {
    this.sought = null
    const end = Number.isFinite(this.video.duration) ? this.video.duration : seconds
    this.video.currentTime = Math.max(0, Math.min(end, seconds))
    this.changed()
  }

  /** To the picture of a moment (ms since the epoch), as soon as it is known where that is. */
  seekToMedia(date: number): void {
    const position = this.positionAt(date)
    this.sought = position === null ? date : null
    if (position !== null) this.seek(position)
  }

  setRate(rate: number): void {
    this.video.playbackRate = rate
    this.changed()
  }

  goLive(): void {
    const edge = this.engine?.livePosition() ?? null
    if (edge !== null && edge > this.video.currentTime) this.video.currentTime = edge
  }

  /** ms since the epoch of the frame on screen, or of that at `position` (s). */
  mediaTime(position?: number): number | null {
    return this.engine?.mediaTime(position) ?? null
  }

  /** s; where the picture of a moment is, null while unknown. */
  positionAt(date: number): number | null {
    return this.engine?.positionAt(date) ?? null
  }

  /** Seconds behind the live edge; 0 while unknown. */
  behind(): number {
    const edge = this.engine?.livePosition() ?? null
    return edge === null ? 0 : Math.max(0, edge - this.video.currentTime)
  }

  get engineKind(): Engine['kind'] | null {
    return this.engine?.kind ?? null
  }

  qualities(): Quality[] {
    return this.engine?.qualities() ?? []
  }

  quality(): number {
    return this.engine?.quality() ?? -1
  }

  choose(index: number): void {
    this.engine?.choose(index)
  }

  bitrate(): number | null {
    return this.engine?.bitrate() ?? null
  }

  /** Size of what is decoded, in pixels; 0 × 0 without a picture. */
  picture(): { width: number; height: number } {
    return { width: this.video.videoWidth, height: this.video.videoHeight }
  }

  /** Loads the same source anew; the element keeps its sound setting. */
  reload(): void {
    const { source } = this
    if (source === null) return
    this.start(source.live ? source : { ...source, startAt: this.video.currentTime })
  }

  destroy(): void {
    this.open(null)
    clearInterval(this.ticking)
    for (const name of EVENTS) this.video.removeEventListener(name, this.changed)
    document.removeEventListener('visibilitychange', this.seen)
    document.removeEventListener('WeixinJSBridgeReady', this.begin)
  }

  private tick(): void {
    const live = this.source?.live === true
    const should = live && this.expecting && this.wanted && !this.blocked && !document.hidden && this.engine !== null
    const cure = this.watch.look(performance.now(), this.video.currentTime, should)
    if (cure === 'reload') this.reload()
    else if (should && (cure === 'jump' || this.behind() > TOO_FAR_BEHIND)) this.goLive()
    if (this.source !== null) this.changed()
  }

  private trouble(final: boolean): void {
    this.troubled = true
    if (!final && this.engine?.kind === 'native') {
      clearTimeout(this.reloading)
      this.reloading = setTimeout(() => {
        this.reload()
      }, this.backoff.next())
    }
    this.changed()
  }

  private readonly begin = (): void => {
    if (this.engine === null || !this.wanted) return
    // Old browsers return nothing from play().
    const started = this.video.play() as Promise<void> | undefined
    started?.then(
      () => {
        this.blocked = false
        this.changed()
      },
      (reason: unknown) => {
        if ((reason as Error).name !== 'NotAllowedError') return
        this.blocked = true
        this.changed()
      },
    )
  }

  private readonly seen = (): void => {
    if (!document.hidden && this.wanted && this.source?.live === true) this.play()
  }

  private readonly changed = (event?: Event): void => {
    if (event?.type === 'playing') {
      this.blocked = false
      this.troubled = false
      this.backoff.reset()
    }
    if (this.sought !== null && this.positionAt(this.sought) !== null) this.seekToMedia(this.sought)
    else this.onChange(this.snapshot())
  }

  private snapshot(): Snapshot {
    const { video } = this
    const ranges = video.buffered
    return {
      state: this.state(),
      muted: video.muted,
      position: video.currentTime,
      duration: Number.isFinite(video.duration) ? video.duration : 0,
      buffered: ranges.length > 0 ? ranges.end(ranges.length - 1) : 0,
      rate: video.playbackRate,
      troubled: this.troubled,
    }
  }

  private state(): PlayerState {
    const { video } = this
    if (this.source === null) return 'idle'
    if (this.blocked) return 'blocked'
    if (video.ended) return 'ended'
    if (video.paused) return this.wanted ? 'loading' : 'paused'
    const still = this.watch.still(performance.now()) > 1_500 && this.source.live
    return video.readyState < 3 || still ? 'waiting' : 'playing'
  }
}

const EVENTS = [
  'playing', 'pause', 'waiting', 'ended', 'timeupdate', 'volumechange', 'ratechange', 'seeked', 'durationchange', 'progress', 'loadeddata',
] as const
