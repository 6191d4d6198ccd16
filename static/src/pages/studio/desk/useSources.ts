/** What the host shows and says: one picture (camera, screen or the card) and one microphone, exchanged without interruption. */
import { computed, onScopeDispose, ref, shallowRef, type Ref } from 'vue'
import type { Orientation } from '@/api'
import { captureFault, openCamera, openMicrophone, openScreen, type Wanted } from '@/media/capture'
import { makeSlate, type Slate } from '@/media/slate'
import type { Choice } from './resume'

export type Picture = 'camera' | 'screen' | 'slate' | 'none'

export function useSources(orientation: Ref<Orientation>) {
  const picture = ref<Picture>('none')
  const video = shallowRef<MediaStreamTrack | null>(null)
  const audio = shallowRef<MediaStreamTrack | null>(null)
  const muted = ref(false)
  const cameraFault = ref('')
  const microphoneFault = ref('')
  const opened = ref(false)
  const devices = shallowRef<MediaDeviceInfo[]>([])
  const wanted = ref<Wanted>({ facing: 'user' })
  const microphoneId = ref('')
  let slate: Slate | null = null
  let onTrack: (kind: 'video' | 'audio', track: MediaStreamTrack | null) => void = () => undefined

  function show(kind: Picture, track: MediaStreamTrack | null): void {
    const before = video.value
    picture.value = kind
    video.value = track
    onTrack('video', track)
    if (before !== null && before !== track) before.stop()
    if (kind !== 'slate') {
      slate?.stop()
      slate = null
    }
    // Unplugged, or "stop sharing" pressed in the browser's own bar.
    track?.addEventListener('ended', () => {
      if (video.value === track) void ended(kind)
    })
  }

  async function ended(kind: Picture): Promise<void> {
    if (kind === 'screen') await toCamera()
    else hide()
  }

  async function toCamera(choice: Wanted = wanted.value): Promise<void> {
    wanted.value = choice
    try {
      // Phones open the second camera only after the first is closed.
      if (picture.value === 'camera') video.value?.stop()
      show('camera', await openCamera(orientation.value, choice))
      cameraFault.value = ''
    } catch (error) {
      cameraFault.value = captureFault(error, 'camera')
      // Never nothing: players that get no more pictures fall silent too.
      if (picture.value === 'camera') hide()
    }
    await list()
  }

  async function toScreen(): Promise<string> {
    try {
      show('screen', await openScreen())
      cameraFault.value = ''
      return ''
    } catch (error) {
      return captureFault(error, 'screen')
    }
  }

  function hide(): void {
    slate = makeSlate(orientation.value, '画面暂时关闭')
    show('slate', slate.track)
  }

  async function toMicrophone(id = microphoneId.value): Promise<void> {
    microphoneId.value = id
    try {
      audio.value?.stop()
      const track = await openMicrophone(id)
      track.enabled = !muted.value
      audio.value = track
      microphoneFault.value = ''
      track.addEventListener('ended', () => {
        if (audio.value === track) microphoneFault.value = '麦克风断开了，请检查后重新选择'
      })
    } catch (error) {
      audio.value = null
      microphoneFault.value = captureFault(error, 'microphone')
    }
    onTrack('audio', audio.value)
    await list()
  }

  async function list(): Promise<void> {
    devices.value = await navigator.mediaDevices.enumerateDevices().catch(() => [])
  }

  function setMuted(on: boolean): void {
    muted.value = on
    if (audio.value !== null) audio.value.enabled = !on
  }

  const changed = () => void list()
  const watching = 'mediaDevices' in navigator
  if (watching) navigator.mediaDevices.addEventListener('devicechange', changed)
  onScopeDispose(() => {
    if (watching) navigator.mediaDevices.removeEventListener('devicechange', changed)
    onTrack = () => undefined
    for (const track of [video.value, audio.value]) track?.stop()
    slate?.stop()
  })

  const named = (kind: MediaDeviceKind) => devices.value.filter((device) => device.kind === kind && device.deviceId !== '')
  return {
    picture, video, audio, muted, cameraFault, microphoneFault, opened, wanted, microphoneId,
    cameras: computed(() => named('videoinput')),
    microphones: computed(() => named('audioinput')),
    ready: computed(() => video.value !== null || audio.value !== null),
    choice: computed<Choice>(() => ({
      picture: picture.value, sound: audio.value !== null, muted: muted.value, wanted: wanted.value, microphoneId: microphoneId.value,
    })),
    async open(): Promise<void> {
      await toCamera()
      await toMicrophone()
      opened.value = true
    },
    /** What was chosen before a reload, as far as it can be had without a press. */
    async reopen(before: Choice): Promise<void> {
      muted.value = before.muted
      if (before.picture === 'camera') await toCamera(before.wanted)
      else if (before.picture !== 'none') hide()
      if (before.sound) await toMicrophone(before.microphoneId)
      opened.value = true
    },
    toCamera, toScreen, toMicrophone, hide, setMuted,
    /** Phones: front or back. */
    flip: () => toCamera({ facing: wanted.value.facing === 'environment' ? 'user' : 'environment' }),
    listen(listener: typeof onTrack): void {
      onTrack = listener
    },
  }
}

export type Sources = ReturnType<typeof useSources>
