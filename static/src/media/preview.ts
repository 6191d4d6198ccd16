/**
 * A look into a broadcast from outside: a few seconds of moving picture without sound, then a still, then again after a while.
 *
 * Five seconds at a time, because what moves by itself for longer must be stoppable (WCAG 2.2.2), and because each second costs
 * data and makes the onlooker count as a viewer. It is not begun at all where it might cost somebody money (`mayPreview`).
 * Knows no Vue.
 */
import { makeEngine, type Engine, type EngineMaker } from './player/engine'

export interface Thrift {
  /** The person asked to save data. */
  saveData: boolean
  /** How it is connected, where the browser says so: wifi, ethernet, cellular … */
  connection: string | null
  /** A mouse or a touchpad: most likely a computer, which hardly ever pays by the megabyte. */
  finePointer: boolean
  reducedMotion: boolean
}

/** On wifi or cable, or on a computer that does not say; never on mobile data, nor on a phone that does not say. */
export function mayPreview({ saveData, connection, finePointer, reducedMotion }: Thrift): boolean {
  if (saveData || reducedMotion) return false
  if (connection === 'wifi' || connection === 'ethernet') return true
  return finePointer && connection !== 'cellular'
}

interface Connection {
  saveData?: boolean
  type?: string
}

export function thriftHere(): Thrift {
  const connection = (navigator as Navigator & { connection?: Connection }).connection
  const asks = (query: string) => typeof window.matchMedia === 'function' && window.matchMedia(query).matches
  return {
    saveData: connection?.saveData === true,
    connection: connection?.type ?? null,
    finePointer: asks('(pointer: fine)'),
    reducedMotion: asks('(prefers-reduced-motion: reduce)'),
  }
}

/** What can be seen: nothing yet, the moving picture, or its last frame. */
export type Glimpse = 'none' | 'moving' | 'still'

const MOVES_FOR = 5_000
const RESTS_FOR = 55_000
/** Without a picture by then it is given up until the next time. */
const PATIENCE = 12_000

export class Preview {
  private engine: Engine | null = null
  private glimpse: Glimpse = 'none'
  private timer: ReturnType<typeof setTimeout> | undefined
  private url: string | null = null
  private turn = 0

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly canvas: HTMLCanvasElement,
    private readonly onChange: (glimpse: Glimpse) => void,
    private readonly maker: EngineMaker = makeEngine,
  ) {
    video.addEventListener('playing', this.playing)
  }

  /** The playlist to look into; null while nobody sees the card or nothing is on air. */
  look(url: string | null): void {
    if (url === this.url) return
    this.url = url
    if (url === null) this.rest()
    else this.begin(url)
  }

  destroy(): void {
    this.look(null)
    this.video.removeEventListener('playing', this.playing)
  }

  private begin(url: string): void {
    const turn = this.stop()
    this.video.muted = true
    this.after(PATIENCE)
    const events = {
      onTrouble: () => {
        if (turn === this.turn) this.rest()
      },
      onLoaded: () => undefined,
    }
    void this.maker(this.video, { url, live: true }, events).then((engine) => {
      if (turn !== this.turn) {
        engine.destroy()
        return
      }
      this.engine = engine
      // Refused by the browser: the poster stays.
      const started = this.video.play() as Promise<void> | undefined
      started?.catch(() => {
        if (turn === this.turn) this.rest()
      })
    })
  }

  private readonly playing = (): void => {
    if (this.engine === null || this.glimpse === 'moving') return
    this.show('moving')
    this.after(MOVES_FOR)
  }

  /** Keeps the last frame, lets the stream go, and comes back later if the card is still looked at. */
  private rest(): void {
    const kept = this.glimpse === 'moving' && this.keepFrame()
    this.stop()
    if (kept) this.show('still')
    else if (this.glimpse === 'moving') this.show('none')
    const { url } = this
    if (url !== null) {
      this.timer = setTimeout(() => {
        this.begin(url)
      }, RESTS_FOR)
    }
  }

  private after(pause: number): void {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => {
      this.rest()
    }, pause)
  }

  private keepFrame(): boolean {
    const { videoWidth: width, videoHeight: height } = this.video
    const pen = this.canvas.getContext('2d')
    if (width === 0 || pen === null) return false
    this.canvas.width = width
    this.canvas.height = height
    pen.drawImage(this.video, 0, 0, width, height)
    return true
  }

  private stop(): number {
    clearTimeout(this.timer)
    this.engine?.destroy()
    this.engine = null
    this.turn += 1
    return this.turn
  }

  private show(glimpse: Glimpse): void {
    this.glimpse = glimpse
    this.onChange(glimpse)
  }
}
