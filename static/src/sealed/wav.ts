/**
 * Speech as plain samples (WAV, PCM of 16 bits): what every phone plays, for browsers whose recorder makes something that others do not
 * play. 16,000 samples a second are a telephone call in good quality; a minute is 1.9 MB.
 */
import type { Bytes } from './bytes'

export const SPEECH_RATE = 16_000
const HEADER = 44

/** Brings samples down to another rate, piece by piece: each is the mean of those it stands for, so that high tones do not come back as low ones. */
export class Resampler {
  private readonly step: number
  private sum = 0
  private count = 0
  /** How far into the sample that is being made. */
  private at = 0

  constructor(from: number, to: number = SPEECH_RATE) {
    this.step = to / from
  }

  /** Where the source is the slower one, each of its samples is given once or more. */
  take(samples: Float32Array): Float32Array {
    const out: number[] = []
    for (const sample of samples) {
      this.sum += sample
      this.count += 1
      this.at += this.step
      while (this.at >= 1) {
        out.push(this.count > 0 ? this.sum / this.count : sample)
        this.at -= 1
        this.sum = 0
        this.count = 0
      }
    }
    return Float32Array.from(out)
  }
}

/** One channel. */
export function wavOf(pieces: readonly Float32Array[], rate: number = SPEECH_RATE): Bytes {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  const bytes = new Uint8Array(HEADER + length * 2)
  const view = new DataView(bytes.buffer)
  const word = (at: number, text: string) => {
    for (let index = 0; index < text.length; index += 1) view.setUint8(at + index, text.charCodeAt(index))
  }
  word(0, 'RIFF')
  view.setUint32(4, 36 + length * 2, true)
  word(8, 'WAVEfmt ')
  view.setUint32(16, 16, true)
  view.setUint16(20, 1, true) // PCM
  view.setUint16(22, 1, true)
  view.setUint32(24, rate, true)
  view.setUint32(28, rate * 2, true)
  view.setUint16(32, 2, true)
  view.setUint16(34, 16, true)
  word(36, 'data')
  view.setUint32(40, length * 2, true)
  let at = HEADER
  for (const piece of pieces) {
    for (const sample of piece) {
      view.setInt16(at, Math.round(Math.max(-1, Math.min(1, sample)) * 32_767), true)
      at += 2
    }
  }
  return bytes
}
