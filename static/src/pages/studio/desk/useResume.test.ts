import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ref, shallowRef } from 'vue'
import type { Broadcast } from '@/api'
import { withSetup } from '@/core/testing'
import { forgetSending, rememberSending, wasSending, type Choice } from './resume'
import type { Publishing } from './usePublishing'
import { useResume } from './useResume'
import type { Sources } from './useSources'

const CAMERA: Choice = { picture: 'camera', sound: true, muted: false, wanted: { facing: 'user' }, microphoneId: '' }
const query = vi.fn()

beforeEach(() => {
  query.mockReset().mockResolvedValue({ state: 'granted' })
  vi.stubGlobal('navigator', { onLine: true, permissions: { query } })
})
afterEach(() => {
  forgetSending()
  vi.unstubAllGlobals()
})

/** Promises have had their turn. */
const settled = () => new Promise((resolve) => { setTimeout(resolve) })

/** A studio page that was loaded again while the broadcast was in `state`. */
async function reloaded(choice: Choice | null, state: Broadcast['state'] = 'live') {
  if (choice !== null) rememberSending('b', choice)
  const broadcast = shallowRef<Broadcast | null>(null)
  const active = ref(false)
  const opened = ref(false)
  const open = vi.fn(() => {
    opened.value = true
    return Promise.resolve()
  })
  const start = vi.fn(() => { active.value = true })
  const stop = vi.fn(() => {
    active.value = false
    return Promise.resolve()
  })
  const sources = { opened, ready: ref(true), open, reopen: open } as unknown as Sources
  const { result, unmount } = withSetup({}, () => useResume('b', broadcast, sources, { active, start, stop } as unknown as Publishing))
  const arrive = async (now: Broadcast['state']) => {
    broadcast.value = { id: 'b', state: now } as Broadcast
    await settled()
  }
  await arrive(state)
  return { result, open, start, stop, arrive, unmount }
}

it('goes on by itself with what was chosen, and can be stopped', async () => {
  const muted = { ...CAMERA, muted: true, wanted: { deviceId: 'x' } }
  const { result, open, start, stop, unmount } = await reloaded(muted, 'interrupted')
  expect(open).toHaveBeenCalledExactlyOnceWith(muted)
  expect(start).toHaveBeenCalledExactlyOnceWith({ resuming: true })
  expect([result.byItself.value, result.offered.value]).toEqual([true, false])
  await result.halt()
  expect(stop).toHaveBeenCalledOnce()
  expect(result.byItself.value).toBe(false)
  unmount()
})

it('keeps the button where the browser would ask first', async () => {
  query.mockImplementation(({ name }: { name: string }) => Promise.resolve({ state: name === 'camera' ? 'prompt' : 'granted' }))
  const { result, open, start, unmount } = await reloaded(CAMERA)
  expect(open).not.toHaveBeenCalled()
  expect([result.offered.value, result.byItself.value]).toEqual([true, false])
  await result.resume()
  expect(open).toHaveBeenCalledExactlyOnceWith(CAMERA)
  expect(start).toHaveBeenCalledOnce()
  unmount()
})

it('asks only about what it is going to open', async () => {
  query.mockImplementation(({ name }: { name: string }) => Promise.resolve({ state: name === 'camera' ? 'denied' : 'granted' }))
  const { start, unmount } = await reloaded({ ...CAMERA, picture: 'screen' })
  expect(start).toHaveBeenCalledOnce()
  unmount()
})

it('takes named devices for permission where the browser cannot be asked', async () => {
  const devices = [{ kind: 'videoinput', label: '前置' }, { kind: 'audioinput', label: '' }]
  vi.stubGlobal('navigator', { onLine: true, mediaDevices: { enumerateDevices: () => Promise.resolve(devices) } })
  const without = await reloaded(CAMERA)
  expect(without.start).not.toHaveBeenCalled()
  without.unmount()
  devices[1] = { kind: 'audioinput', label: '麦克风' }
  const known = await reloaded(CAMERA)
  expect(known.start).toHaveBeenCalledOnce()
  known.unmount()
})

it('opens nothing unless this very tab was sending this broadcast on air', async () => {
  const stranger = await reloaded(null)
  expect(stranger.open).not.toHaveBeenCalled()
  stranger.unmount()
  const rehearsal = await reloaded(CAMERA, 'scheduled')
  await rehearsal.arrive('live')
  expect(rehearsal.open).not.toHaveBeenCalled()
  rehearsal.unmount()
})

it('remembers one broadcast, and nothing of an older form', () => {
  rememberSending('a', CAMERA)
  expect([wasSending('a'), wasSending('b')]).toEqual([CAMERA, null])
  sessionStorage.setItem('hongbo.sending', 'a')
  expect(wasSending('a')).toBeNull()
})
