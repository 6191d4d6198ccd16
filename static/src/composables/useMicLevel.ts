/** How loud the microphone is, 0–1, several times a second. Browsers without Web Audio stay at 0. */
import { onScopeDispose, ref, watch, type Ref } from 'vue'

type AudioWindow = Window & { webkitAudioContext?: typeof AudioContext }

export function useMicLevel(track: Ref<MediaStreamTrack | null>) {
  const level = ref(0)
  /** Heard anything at all since this microphone was opened. */
  const heard = ref(false)
  let context: AudioContext | null = null
  let timer: ReturnType<typeof setInterval> | undefined

  function close(): void {
    clearInterval(timer)
    level.value = 0
    void context?.close().catch(() => undefined)
    context = null
  }

  function open(from: MediaStreamTrack): void {
    const older: AudioWindow = window
    const Context = 'AudioContext' in window ? AudioContext : older.webkitAudioContext
    if (Context === undefined) return
    context = new Context()
    // Suspended until a tap in some browsers.
    void context.resume().catch(() => undefined)
    const analyser = context.createAnalyser()
    analyser.fftSize = 512
    context.createMediaStreamSource(new MediaStream([from])).connect(analyser)
    const samples = new Uint8Array(analyser.fftSize)
    timer = setInterval(() => {
      analyser.getByteTimeDomainData(samples)
      level.value = loudness(samples)
      if (level.value > 0.12) heard.value = true
    }, 80)
  }

  watch(
    track,
    (now) => {
      close()
      heard.value = false
      if (now !== null) open(now)
    },
    { immediate: true },
  )
  onScopeDispose(close)
  return { level, heard }
}

/** Decibels on a scale people read: −50 dB is 0, full scale is 1. */
export function loudness(samples: Uint8Array): number {
  let sum = 0
  for (const sample of samples) sum += ((sample - 128) / 128) ** 2
  const decibels = 10 * Math.log10(sum / samples.length + 1e-9)
  return Math.max(0, Math.min(1, (decibels + 50) / 50))
}
