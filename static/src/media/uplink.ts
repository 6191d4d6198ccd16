/**
 * How the sending goes, from one look at the connection's statistics to the next, and in one word for the host.
 * Works on plain numbers: the caller reads them out of getStats with `readStats`.
 */

export interface Counters {
  /** ms */
  at: number
  bytes: number
  packets: number
  /** Lost so far, as the server reports it back. */
  lost: number
  /** seconds; null until the server has reported */
  roundTrip: number | null
  frameRate: number | null
  width: number | null
  height: number | null
  limited: 'none' | 'cpu' | 'bandwidth' | 'other'
}

export interface Sample {
  at: number
  /** bit/s */
  bitrate: number
  /** 0–1 */
  loss: number
  roundTrip: number | null
  frameRate: number | null
  width: number | null
  height: number | null
  limited: Counters['limited']
}

export type Verdict = 'good' | 'fair' | 'poor'

export const VERDICT_WORDS: Readonly<Record<Verdict, string>> = { good: '流畅', fair: '一般', poor: '较差' }

const KEPT = 60

export class UplinkMeter {
  readonly samples: Sample[] = []
  private last: Counters | null = null

  add(now: Counters): Sample | null {
    const before = this.last
    this.last = now
    // A new session counts from zero: start over rather than show a nonsense step.
    if (before === null || now.bytes < before.bytes || now.at <= before.at) return null
    const seconds = (now.at - before.at) / 1000
    const lost = Math.max(0, now.lost - before.lost)
    const sent = Math.max(0, now.packets - before.packets)
    const { roundTrip, frameRate, width, height, limited } = now
    const loss = sent + lost === 0 ? 0 : Math.min(1, lost / Math.max(sent, lost))
    const sample = { at: now.at, bitrate: ((now.bytes - before.bytes) * 8) / seconds, loss, roundTrip, frameRate, width, height, limited }
    this.samples.push(sample)
    if (this.samples.length > KEPT) this.samples.shift()
    return sample
  }

  reset(): void {
    this.samples.length = 0
    this.last = null
  }

  /**
   * Judged over the last five samples, so that one hiccup alarms nobody. Few bits alone mean nothing (a still picture needs
   * none); they count where the encoder says that the network holds it back.
   */
  verdict(): Verdict | null {
    const recent = this.samples.slice(-5)
    if (recent.length === 0) return null
    const mean = (value: (sample: Sample) => number) => recent.reduce((sum, sample) => sum + value(sample), 0) / recent.length
    const loss = mean((sample) => sample.loss)
    const squeezed = recent.filter((sample) => sample.limited === 'bandwidth').length * 2 > recent.length
    const bitrate = squeezed ? mean((sample) => sample.bitrate) : Infinity
    const roundTrip = mean((sample) => sample.roundTrip ?? 0)
    if (loss > 0.08 || roundTrip > 0.8 || bitrate < 300_000) return 'poor'
    if (loss > 0.02 || roundTrip > 0.35 || bitrate < 900_000) return 'fair'
    return 'good'
  }
}

interface Report {
  type: string
  kind?: string
  bytesSent?: number
  packetsSent?: number
  packetsLost?: number
  roundTripTime?: number
  framesPerSecond?: number
  frameWidth?: number
  frameHeight?: number
  qualityLimitationReason?: string
}

/** Sums what is sent over all streams of a connection. */
export function readStats(reports: Iterable<Report>, at: number): Counters {
  const counters: Counters = { at, bytes: 0, packets: 0, lost: 0, roundTrip: null, frameRate: null, width: null, height: null, limited: 'none' }
  for (const report of reports) {
    if (report.type === 'outbound-rtp') {
      counters.bytes += report.bytesSent ?? 0
      counters.packets += report.packetsSent ?? 0
      if (report.kind === 'video') takePicture(counters, report)
    } else if (report.type === 'remote-inbound-rtp') {
      counters.lost += Math.max(0, report.packetsLost ?? 0)
      if (report.roundTripTime !== undefined) counters.roundTrip = Math.max(counters.roundTrip ?? 0, report.roundTripTime)
    }
  }
  return counters
}

function takePicture(counters: Counters, report: Report): void {
  counters.frameRate = report.framesPerSecond ?? null
  counters.width = report.frameWidth ?? null
  counters.height = report.frameHeight ?? null
  const reason = report.qualityLimitationReason
  counters.limited = reason === 'cpu' || reason === 'bandwidth' || reason === 'other' ? reason : 'none'
}
