/** The replay on its stage: remembers the place, answers to the keyboard. */
import { computed, onMounted, onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import { useControls } from '@/composables/useControls'
import { useFullscreen } from '@/composables/useFullscreen'
import { usePlayer } from '@/composables/usePlayer'
import { ReplayMemory } from './memory'

export const SPEEDS = [0.75, 1, 1.25, 1.5, 2] as const
export const STEP = 15
const SAVE_EVERY = 5_000

export function useReplayStage(id: string, url: Ref<string>, stage: Ref<HTMLElement | null>) {
  const memory = new ReplayMemory()
  const resumedAt = ref(memory.load(id))
  const video = shallowRef<HTMLVideoElement | null>(null)
  const source = computed(() => ({ url: url.value, live: false, ...(resumedAt.value === null ? {} : { startAt: resumedAt.value }) }))
  const { snapshot, player } = usePlayer(video, source)
  const begun = ref(false)
  const keep = computed(() => snapshot.value.state !== 'playing')
  const controls = useControls(keep)
  const fullscreen = useFullscreen(stage, video)

  function play(): void {
    // A tap has brought us here, so sound is allowed.
    if (!begun.value) player()?.setMuted(false)
    begun.value = true
    player()?.play()
  }

  function toggle(): void {
    if (['paused', 'blocked', 'ended', 'idle'].includes(snapshot.value.state)) play()
    else player()?.pause()
  }

  function step(seconds: number): void {
    player()?.seek(snapshot.value.position + seconds)
    controls.poke()
  }

  function key(event: KeyboardEvent): void {
    const target = event.target as HTMLElement
    if (event.ctrlKey || event.metaKey || event.altKey || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return
    if (event.key === ' ' && target.tagName === 'BUTTON') return
    const action = KEYS[event.key]
    if (action === undefined) return
    event.preventDefault()
    controls.poke()
    action({ toggle, step, mute: () => player()?.setMuted(!snapshot.value.muted), full: () => { fullscreen.toggle('landscape') } })
  }

  function save(): void {
    if (begun.value && snapshot.value.duration > 0) memory.save(id, snapshot.value.position, snapshot.value.duration)
  }

  const timer = setInterval(save, SAVE_EVERY)
  onMounted(() => {
    document.addEventListener('keydown', key)
    window.addEventListener('pagehide', save)
  })
  onScopeDispose(() => {
    save()
    clearInterval(timer)
    document.removeEventListener('keydown', key)
    window.removeEventListener('pagehide', save)
  })
  watch(begun, () => {
    // The offer to start over is for the first moments only.
    setTimeout(() => { resumedAt.value = null }, 10_000)
  }, { once: true })

  return {
    snapshot, begun, resumedAt, controls, fullscreen, player, play, toggle, step,
    setVideo: (element: HTMLVideoElement) => { video.value = element },
    seek: (to: number) => player()?.seek(to),
    setRate: (rate: number) => player()?.setRate(rate),
    toggleSound: () => player()?.setMuted(!snapshot.value.muted),
  }
}

interface Actions {
  toggle: () => void
  step: (seconds: number) => void
  mute: () => void
  full: () => void
}

const KEYS: Readonly<Record<string, (actions: Actions) => void>> = {
  ' ': (actions) => { actions.toggle() },
  k: (actions) => { actions.toggle() },
  ArrowLeft: (actions) => { actions.step(-STEP) },
  ArrowRight: (actions) => { actions.step(STEP) },
  m: (actions) => { actions.mute() },
  f: (actions) => { actions.full() },
}
