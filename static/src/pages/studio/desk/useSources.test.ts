import { beforeEach, expect, it, vi } from 'vitest'
import { ref } from 'vue'
import { withSetup } from '@/core/testing'
import { useSources } from './useSources'

class Track extends EventTarget {
  enabled = true
  stopped = false
  constructor(
    readonly kind: string,
    readonly of: string,
  ) {
    super()
  }
  stop(): void {
    this.stopped = true
  }
  /** Unplugged, or ended in the browser's own bar. */
  end(): void {
    this.dispatchEvent(new Event('ended'))
  }
}

const REFUSED = new DOMException('', 'NotAllowedError')
const BUSY = new DOMException('', 'NotReadableError')
let faults: { camera?: DOMException; microphone?: DOMException; screen?: DOMException }
let asked: MediaStreamConstraints[]
let sent: { kind: string; of: string | null; whileOpen: string | null }[]

const stream = (track: Track) => ({ getTracks: () => [track] }) as unknown as MediaStream
const opens = (fault: DOMException | undefined, track: Track) => (fault === undefined ? Promise.resolve(stream(track)) : Promise.reject(fault))

beforeEach(() => {
  faults = {}
  sent = []
  asked = []
  vi.stubGlobal('navigator', {
    mediaDevices: Object.assign(new EventTarget(), {
      getUserMedia: (wanted: MediaStreamConstraints) => {
        asked.push(wanted)
        return wanted.video === undefined ? opens(faults.microphone, new Track('audio', 'microphone')) : opens(faults.camera, new Track('video', 'camera'))
      },
      getDisplayMedia: () => opens(faults.screen, new Track('video', 'screen')),
      enumerateDevices: () => Promise.resolve([]),
    }),
  })
  HTMLCanvasElement.prototype.captureStream = () => ({ getVideoTracks: () => [new Track('video', 'card')] }) as unknown as MediaStream
})

/** Camera and microphone are open, and somebody sends what they give. */
async function opened() {
  const mounted = withSetup({}, () => useSources(ref('landscape')))
  const sources = mounted.result
  await sources.open()
  const now = () => sources.video.value as unknown as Track
  let before = now()
  sources.listen((kind, track) => {
    sent.push({ kind, of: (track as unknown as Track | null)?.of ?? null, whileOpen: before.stopped ? null : before.of })
    before = now()
  })
  return { ...mounted, sources, now, sound: () => sources.audio.value as unknown as Track }
}

it('exchanges the picture without a moment in which there is none', async () => {
  const { sources, now } = await opened()
  const camera = now()
  expect(await sources.toScreen()).toBe('')
  expect(sent).toEqual([{ kind: 'video', of: 'screen', whileOpen: 'camera' }])
  expect(camera.stopped).toBe(true)
  sources.hide()
  expect(sent[1]).toEqual({ kind: 'video', of: 'card', whileOpen: 'screen' })
  expect(sources.picture.value).toBe('slate')
})

it('goes back to the camera when sharing is ended in the browser’s own bar', async () => {
  const { sources, now } = await opened()
  await sources.toScreen()
  now().end()
  await vi.waitFor(() => { expect(sources.picture.value).toBe('camera') })
  expect(now().of).toBe('camera')
})

it('keeps what is shown when nothing was chosen to share', async () => {
  const { sources, now } = await opened()
  faults.screen = REFUSED
  expect(await sources.toScreen()).toContain('没有选择')
  expect(sent).toEqual([])
  expect(now().stopped).toBe(false)
})

it('shows the card when the camera is unplugged, and the camera again when asked', async () => {
  const { sources, now } = await opened()
  now().end()
  expect(sources.picture.value).toBe('slate')
  const card = now()
  await sources.toCamera()
  expect(sources.picture.value).toBe('camera')
  expect(card.stopped).toBe(true)
})

it('shows the card, and never nothing, when another camera does not open', async () => {
  const { sources } = await opened()
  faults.camera = BUSY
  await sources.toCamera({ deviceId: 'other' })
  expect(sent.map((each) => each.of)).toEqual(['card'])
  expect(sources.cameraFault.value).toContain('占用')
  await sources.toScreen()
  expect(sources.cameraFault.value).toBe('')
})

it('stays muted with another microphone', async () => {
  const { sources, sound } = await opened()
  sources.setMuted(true)
  const before = sound()
  expect(before.enabled).toBe(false)
  await sources.toMicrophone('other')
  expect(sound()).not.toBe(before)
  expect(before.stopped).toBe(true)
  expect(sound().enabled).toBe(false)
  sources.setMuted(false)
  expect(sound().enabled).toBe(true)
})

it('says so when the microphone is unplugged or does not open', async () => {
  const { sources, sound } = await opened()
  sound().end()
  expect(sources.microphoneFault.value).toContain('断开')
  faults.microphone = REFUSED
  await sources.toMicrophone()
  expect(sources.microphoneFault.value).toContain('许可')
  expect(sources.audio.value).toBeNull()
  expect(sent).toEqual([{ kind: 'audio', of: null, whileOpen: 'camera' }])
})

it('works with sound alone where there is no camera', async () => {
  faults.camera = new DOMException('', 'NotFoundError')
  const { sources } = await opened()
  expect(sources.picture.value).toBe('none')
  expect(sources.ready.value).toBe(true)
  expect(sources.cameraFault.value).toContain('没有找到')
})

it('lets go of everything when the studio is left', async () => {
  const { unmount, now, sound } = await opened()
  const tracks = [now(), sound()]
  unmount()
  expect(tracks.map((track) => track.stopped)).toEqual([true, true])
})

it('brings back nothing that was hidden or muted before a reload', async () => {
  const { result: sources, unmount } = withSetup({}, () => useSources(ref('landscape')))
  await sources.reopen({ picture: 'screen', sound: true, muted: true, wanted: {}, microphoneId: 'm' })
  expect(asked.map((wanted) => Object.keys(wanted))).toEqual([['audio']])
  expect([sources.picture.value, sources.audio.value?.enabled, sources.muted.value]).toEqual(['slate', false, true])
  expect(sources.choice.value).toEqual({ picture: 'slate', sound: true, muted: true, wanted: { facing: 'user' }, microphoneId: 'm' })
  unmount()
})

it('asks after a reload for no device that was not in use', async () => {
  const { result: sources, unmount } = withSetup({}, () => useSources(ref('landscape')))
  await sources.reopen({ picture: 'camera', sound: false, muted: false, wanted: { deviceId: 'c' }, microphoneId: '' })
  expect(asked).toHaveLength(1)
  expect(asked[0]?.video).toMatchObject({ deviceId: { exact: 'c' } })
  unmount()
})
