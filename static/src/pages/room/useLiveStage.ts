/** The live picture of a room: one player for the whole time, through interruptions and the host's return. */
import { computed, ref, shallowRef, watch, type Ref } from 'vue'
import type { Broadcast } from '@/api'
import { useControls } from '@/composables/useControls'
import { useFullscreen } from '@/composables/useFullscreen'
import { usePlayer } from '@/composables/usePlayer'

/** s behind the edge from which on the way back to it is offered */
const LATE = 6

export function useLiveStage(broadcast: Ref<Broadcast>, stage: Ref<HTMLElement | null>) {
  const video = shallowRef<HTMLVideoElement | null>(null)
  /** Sound alone, for those who save data or only listen. */
  const soundOnly = ref(false)
  const url = computed(() => (broadcast.value.playback?.hls ?? '').replace(/index\.m3u8/, soundOnly.value ? 'audio.m3u8' : 'index.m3u8'))
  const source = computed(() => (url.value === '' ? null : { url: url.value, live: true }))
  const expecting = computed(() => broadcast.value.state === 'live')
  const handle = usePlayer(video, source, expecting)
  const { snapshot } = handle
  const audioOnly = ref(false)
  /** The picture stands as tall as the phone, so it may fill it. */
  const upright = ref(false)
  const late = ref(false)
  const keep = computed(() => snapshot.value.state !== 'playing')
  const controls = useControls(keep)
  const fullscreen = useFullscreen(stage, video)

  watch(snapshot, (now) => {
    const element = video.value
    upright.value = element !== null && element.videoHeight > element.videoWidth
    audioOnly.value = now.state === 'playing' && element !== null && element.videoWidth === 0 && now.position > 1
    late.value = (handle.player()?.behind() ?? 0) > LATE
  })

  const slate = computed<'interrupted' | 'waiting' | 'troubled' | null>(() => {
    if (broadcast.value.state === 'interrupted') return 'interrupted'
    if (snapshot.value.troubled && snapshot.value.state !== 'playing') return 'troubled'
    return ['loading', 'waiting', 'idle'].includes(snapshot.value.state) ? 'waiting' : null
  })

  return {
    video,
    snapshot,
    audioOnly,
    upright,
    soundOnly,
    late,
    slate,
    controls,
    fullscreen,
    mediaTime: handle.mediaTime,
    player: handle.player,
    setVideo: (element: HTMLVideoElement) => {
      video.value = element
    },
    soundOn: () => handle.player()?.setMuted(false),
    toggleSound: () => handle.player()?.setMuted(!snapshot.value.muted),
    play: () => handle.player()?.play(),
    goLive: () => handle.player()?.goLive(),
  }
}
