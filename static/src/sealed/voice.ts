/**
 * A voice message: recorded in the page, in a form that iPhones and Android phones both play. That is AAC in MP4 where the browser's
 * recorder makes it (Safari, some Chromes), and plain samples elsewhere: Android's recorders make WebM, which iPhones did not play for long.
 */
import type { Bytes } from './bytes'
import { Resampler, SPEECH_RATE, wavOf } from './wav'
import { Loudness } from './waveform'

export interface Voice {
  bytes: Bytes
  type: 'audio/mp4' | 'audio/wav'
  ms: number
  /** Bars of loudness. */
  wave: Bytes
}

/** ms; as plain samples that is 1.9 MB, what one thing may be. */
export const LONGEST_VOICE = 60_000
const SHORTEST = 800
const PIECE = 4_096
const AAC = ['audio/mp4;codecs=mp4a.40.2', 'audio/mp4; codecs="mp4a.40.2"']

/** The type to ask the browser's recorder for; undefined where plain samples are the way. */
export function aacType(supported: ((type: string) => boolean) | undefined): string | undefined {
  return supported === undefined ? undefined : AAC.find((type) => supported(type))
}

type AudioWindow = Window & { webkitAudioContext?: typeof AudioContext }

/** One recording. Throws what getUserMedia throws. */
export class Recording {
  private readonly samples: Float32Array[] = []
  private readonly chunks: Blob[] = []
  private recorder: MediaRecorder | null = null
  private readonly began = performance.now()

  private constructor(
    private readonly stream: MediaStream,
    private readonly context: AudioContext,
    private readonly loudness: Loudness,
  ) {}

  static async begin(): Promise<Recording> {
    const older: AudioWindow = window
    const Context = 'AudioContext' in window ? AudioContext : older.webkitAudioContext
    if (Context === undefined) throw new DOMException('no audio', 'NotSupportedError')
    // Made within the tap: iPhones let it sound only then.
    const context = new Context()
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 } })
      await context.resume().catch(() => undefined)
      const recording = new Recording(stream, context, new Loudness(context.sampleRate))
      recording.listen()
      return recording
    } catch (error) {
      void context.close().catch(() => undefined)
      throw error
    }
  }

  get ms(): number {
    return performance.now() - this.began
  }

  /** 0 to 1. */
  get level(): number {
    return this.loudness.latest
  }

  /** Null where it was too short to be meant. */
  async end(): Promise<Voice | null> {
    const ms = Math.min(Math.round(this.ms), LONGEST_VOICE)
    const encoded = await this.encoded()
    this.close()
    if (ms < SHORTEST) return null
    const wave = this.loudness.bars()
    if (encoded !== null) return { bytes: encoded, type: 'audio/mp4', ms, wave }
    const most = (SPEECH_RATE * LONGEST_VOICE) / 1_000
    let left = most
    const kept: Float32Array[] = []
    for (const piece of this.samples) {
      kept.push(piece.subarray(0, left))
      left = Math.max(0, left - piece.length)
    }
    return { bytes: wavOf(kept), type: 'audio/wav', ms, wave }
  }

  close(): void {
    for (const track of this.stream.getTracks()) track.stop()
    if (this.recorder?.state === 'recording') this.recorder.stop()
    void this.context.close().catch(() => undefined)
  }

  private listen(): void {
    const type = aacType(typeof MediaRecorder === 'undefined' ? undefined : (each) => MediaRecorder.isTypeSupported(each))
    if (type !== undefined) {
      this.recorder = new MediaRecorder(this.stream, { mimeType: type, audioBitsPerSecond: 32_000 })
      this.recorder.ondataavailable = ({ data }) => {
        if (data.size > 0) this.chunks.push(data)
      }
      this.recorder.start(1_000)
    }
    const resampler = new Resampler(this.context.sampleRate)
    const source = this.context.createMediaStreamSource(this.stream)
    // The older way to the samples: a worklet is unknown to iOS 13, and needs a script of its own.
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    const node = this.context.createScriptProcessor(PIECE, 1, 1)
    // eslint-disable-next-line @typescript-eslint/no-deprecated
    node.onaudioprocess = ({ inputBuffer }) => {
      const samples = inputBuffer.getChannelData(0)
      this.loudness.take(samples)
      if (this.recorder === null) this.samples.push(resampler.take(samples))
    }
    source.connect(node)
    // Without a way out no browser calls it; it gives out silence.
    node.connect(this.context.destination)
  }

  private async encoded(): Promise<Bytes | null> {
    const { recorder } = this
    if (recorder === null) return null
    if (recorder.state === 'recording') {
      await new Promise<void>((resolve) => {
        recorder.onstop = () => {
          resolve()
        }
        recorder.stop()
      })
    }
    return new Uint8Array(await new Response(new Blob(this.chunks)).arrayBuffer())
  }
}
