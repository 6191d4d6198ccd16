/** What plays a playlist: hls.js where the browser has media source extensions, the browser itself otherwise. */

export interface Quality {
  /** Index for `choose`; -1 is automatic. */
  index: number
  label: string
}

export interface EngineEvents {
  /** Nothing can be loaded right now; the engine goes on trying by itself unless `final`. */
  onTrouble: (final: boolean) => void
  onLoaded: () => void
}

export interface Engine {
  readonly kind: 'hls.js' | 'native'
  /** ms since the epoch of the frame on screen, or of that at `position` (s), from the programme date-time; null while unknown. */
  mediaTime: (position?: number) => number | null
  /** Where in the video's timeline the picture of a moment (ms since the epoch) is, in seconds; null while unknown. */
  positionAt: (date: number) => number | null
  /** Where in the video's timeline playing at the live edge would be now, in seconds. */
  livePosition: () => number | null
  qualities: () => Quality[]
  quality: () => number
  choose: (index: number) => void
  /** bit/s of what is playing, if known. */
  bitrate: () => number | null
  destroy: () => void
}

export interface Source {
  url: string
  /** Live plays by itself and chases the edge; anything else waits for the viewer. */
  live: boolean
  /** s; where to begin, for what is not live. */
  startAt?: number
}

export type EngineMaker = (video: HTMLVideoElement, source: Source, events: EngineEvents) => Promise<Engine>

export const makeEngine: EngineMaker = async (video, source, events) => {
  if (hasMediaSource()) {
    const { HlsEngine } = await import('./hls-engine')
    if (HlsEngine.supported()) return new HlsEngine(video, source, events)
  }
  const { NativeEngine } = await import('./native-engine')
  return new NativeEngine(video, source, events)
}

function hasMediaSource(): boolean {
  return 'ManagedMediaSource' in window || 'MediaSource' in window
}
