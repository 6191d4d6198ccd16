/** The replay on its stage: plays, remembers the place, answers to the keyboard, knows the wall clock of what is on screen. */
import { computed, onScopeDispose, reactive, ref, shallowRef, watch, type Ref } from 'vue'
import { useControls } from '@/composables/useControls'
import { useFullscreen } from '@/composables/useFullscreen'
import { usePlayer } from '@/composables/usePlayer'
import { useContext } from '@/core/context'
import { useKeys } from './keys'
import { ReplayMemory } from './memory'

export const SPEEDS = [0.75, 1, 1.25, 1.5, 2] as const
const SAVE_EVERY = 5_000
const STANDS = ['paused', 'blocked', 'ended', 'idle']

export interface Recording {
  id: string
  url: string
  /** s, as the server knows it: the player learns it later. */
  duration: number | null
  orientation: 'landscape' | 'portrait'
}

export function useReplayStage(recording: Readonly<Recording>, stage: Ref<HTMLElement | null>) {
  const { session } = useContext()
  const memory = new ReplayMemory(session.member.value?.id ?? null)
  const resumeAt = memory.load(recording.id)
  const video = shallowRef<HTMLVideoElement | null>(null)
  const source = computed(() => ({ url: recording.url, live: false, ...(resumeAt === null ? {} : { startAt: resumeAt }) }))
  const { snapshot, player, mediaTime, positionAt } = usePlayer(video, source)
  const begun = ref(false)
  /** Taller than wide: only such a picture may be cropped to fill a phone. */
  const upright = ref(false)
  const volume = ref(1)
  /** Counts the jumps of whoever watches, wherever they led. */
  const jumps = ref(0)
  const playing = computed(() => begun.value && snapshot.value.state === 'playing')
  const controls = useControls(computed(() => !playing.value))
  const fullscreen = useFullscreen(stage, video)
  const times = reactive({
    position: computed(() => (begun.value ? snapshot.value.position : (resumeAt ?? 0))),
    duration: computed(() => snapshot.value.duration || (recording.duration ?? 0)),
    buffered: 0,
  })

  watch(snapshot, () => {
    const element = video.value
    if (element === null) return
    upright.value = element.videoHeight > element.videoWidth
    volume.value = element.volume
    times.buffered = bufferedAfter(element.buffered, element.currentTime)
  })

  function play(): void {
    // A tap has brought us here, so sound is allowed.
    if (!begun.value) player()?.setMuted(false)
    begun.value = true
    player()?.play()
  }

  function fromStart(): void {
    jumps.value += 1
    player()?.seek(0)
    play()
  }

  function toggle(): void {
    if (!begun.value || STANDS.includes(snapshot.value.state)) play()
    else player()?.pause()
    controls.poke()
  }

  function seek(to: number): void {
    jumps.value += 1
    player()?.seek(to)
    if (!begun.value) play()
    controls.poke()
  }

  /** To the picture of a moment, ms since the epoch. */
  function seekToMedia(date: number): void {
    jumps.value += 1
    player()?.seekToMedia(date)
    if (!begun.value) play()
    controls.poke()
  }

  function step(seconds: number): void {
    seek(times.position + seconds)
  }

  function setVolume(to: number): void {
    if (video.value !== null) video.value.volume = to
    player()?.setMuted(to === 0)
  }

  function toggleSound(): void {
    if (snapshot.value.muted && volume.value === 0) setVolume(0.5)
    else player()?.setMuted(!snapshot.value.muted)
    controls.poke()
  }

  function toggleFull(): void {
    fullscreen.toggle(recording.orientation)
  }

  function save(): void {
    if (begun.value && snapshot.value.duration > 0) memory.save(recording.id, snapshot.value.position, snapshot.value.duration)
  }

  useKeys({ toggle, step, mute: toggleSound, full: toggleFull })
  watch(playing, save)
  const timer = setInterval(save, SAVE_EVERY)
  // A phone that puts the page away may never bring it back.
  window.addEventListener('pagehide', save)
  document.addEventListener('visibilitychange', save)
  onScopeDispose(() => {
    save()
    clearInterval(timer)
    window.removeEventListener('pagehide', save)
    document.removeEventListener('visibilitychange', save)
  })

  return {
    video, snapshot, jumps, begun, playing, resumeAt, upright, volume, times, controls, fullscreen, mediaTime, positionAt,
    play, fromStart, toggle, seek, seekToMedia, step, setVolume, toggleSound, toggleFull,
    setVideo: (element: HTMLVideoElement) => { video.value = element },
    setRate: (rate: number) => player()?.setRate(rate),
  }
}

/** Where what is loaded around the position ends; a range further on does not count. */
export function bufferedAfter(ranges: TimeRanges, position: number): number {
  for (let index = 0; index < ranges.length; index += 1) {
    if (ranges.start(index) <= position + 0.5 && ranges.end(index) >= position) return ranges.end(index)
  }
  return position
}

/** 21:04:09 in the reader's zone. */
export function wallClock(at: number): string {
  const date = new Date(at)
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':')
}
