/** How loud a voice message is from moment to moment, as so many bars of 0 to 255. */
import type { Bytes } from './bytes'

export const BARS = 40
/** Times a second that loudness is looked at. */
const LOOKS = 20

export class Loudness {
  private readonly peaks: number[] = []
  private peak = 0
  private left: number

  constructor(private readonly rate: number) {
    this.left = rate / LOOKS
  }

  take(samples: Float32Array): void {
    for (const sample of samples) {
      this.peak = Math.max(this.peak, Math.abs(sample))
      this.left -= 1
      if (this.left > 0) continue
      this.peaks.push(this.peak)
      this.peak = 0
      this.left += this.rate / LOOKS
    }
  }

  /** 0 to 1: the last of it. */
  get latest(): number {
    return this.peaks[this.peaks.length - 1] ?? 0
  }

  /** The loudest moment fills a bar; a whisper is seen too, silence is not made loud. */
  bars(count: number = BARS): Bytes {
    const most = Math.max(0.05, ...this.peaks)
    const bars = new Uint8Array(count)
    if (this.peaks.length === 0) return bars
    for (let bar = 0; bar < count; bar += 1) {
      const from = Math.floor((bar * this.peaks.length) / count)
      const to = Math.max(from + 1, Math.floor(((bar + 1) * this.peaks.length) / count))
      bars[bar] = Math.round((Math.max(...this.peaks.slice(from, to)) / most) * 255)
    }
    return bars
  }
}
