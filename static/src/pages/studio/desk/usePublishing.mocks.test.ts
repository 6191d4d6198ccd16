import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ref, shallowRef, type Ref } from 'vue'
import type { Broadcast, BroadcastStatus } from '@/api'
import { withSetup } from '@/core/testing'
import type { Sender } from '@/media/publisher'
import { forgetSending, wasSending, type Choice } from './resume'
import { usePublishing } from './usePublishing'
import type { Sources } from './useSources'

const wire = vi.hoisted(() => ({ outcomes: [] as (Error | 'connect')[], clients: [] as Sender[] }))

vi.mock(import('@/media/whip'), async (original) => ({
  ...(await original()),
  WhipClient: class {
    peer = null
    onState: Sender['onState'] = () => undefined
    stop = vi.fn(() => Promise.resolve())
    replace = vi.fn(() => Promise.resolve(true))
    has = () => true
    publish = vi.fn(() => {
      const outcome = wire.outcomes.shift() ?? 'connect'
      if (outcome instanceof Error) return Promise.reject(outcome)
      this.onState('connected')
      return Promise.resolve()
    })
    constructor() {
      wire.clients.push(this)
    }
  } as never,
}))
const { WhipError } = await import('@/media/whip')
const ACTIVE = new WhipError(409, 'publisher_active', '另一台设备正在推流')

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const newest = () => wire.clients[wire.clients.length - 1]!
const CHOICE: Choice = { picture: 'camera', sound: true, muted: false, wanted: {}, microphoneId: '' }
let choice: Ref<Choice>
let receiving: boolean

function studio() {
  const broadcast = shallowRef({ id: 'b', state: 'live', whip: { url: '/whip/b', token: 't' } } as Broadcast)
  const sources = { picture: ref('camera'), video: ref({}), audio: ref({}), choice, listen: () => undefined } as unknown as Sources
  const api = { status: () => Promise.resolve({ publishing: receiving } as BroadcastStatus) }
  return withSetup(api, () => usePublishing(broadcast, sources, () => undefined))
}

beforeEach(() => {
  vi.useFakeTimers()
  wire.outcomes = []
  wire.clients = []
  receiving = true
  choice = ref(CHOICE)
})
afterEach(() => {
  forgetSending()
  vi.useRealTimers()
})

it('meets another device, and takes over from it only when a person says so', async () => {
  const { result: publishing, unmount } = studio()
  wire.outcomes = [ACTIVE]
  publishing.start()
  await pass(20_000)
  expect(publishing.state.value.name).toBe('occupied')
  expect(publishing.active.value).toBe(false)
  expect(wire.clients).toHaveLength(1)
  publishing.takeOver()
  await pass(0)
  expect(vi.mocked(newest().publish).mock.lastCall?.[2]).toBe(true)
  expect(publishing.sending.value).toBe(true)
  unmount()
})

it('waits out its own ghost when it resumes', async () => {
  const { result: publishing, unmount } = studio()
  wire.outcomes = [ACTIVE, ACTIVE]
  publishing.start({ resuming: true })
  await pass(0)
  expect(publishing.state.value.name).toBe('reconnecting')
  await pass(2_000)
  expect(publishing.sending.value).toBe(true)
  expect(vi.mocked(newest().publish).mock.lastCall?.[2]).toBe(false)
  unmount()
})

it('yields to the device that has taken over from it, once that cannot be its own ghost', async () => {
  const { result: publishing, unmount } = studio()
  publishing.start()
  await pass(0)
  wire.outcomes = Array.from({ length: 20 }, () => ACTIVE)
  newest().onState('failed')
  await pass(4_000)
  expect(publishing.state.value.name).toBe('reconnecting')
  await pass(2_500)
  expect(publishing.state.value.name).toBe('occupied')
  const tries = wire.clients.length
  await pass(30_000)
  expect(wire.clients).toHaveLength(tries)
  unmount()
})

it('begins anew when the server sees nothing of what it believes to send', async () => {
  const { result: publishing, unmount } = studio()
  publishing.start()
  await pass(0)
  receiving = false
  await pass(6_000)
  expect(publishing.state.value.name).toBe('reconnecting')
  receiving = true
  await pass(1_000)
  expect(publishing.sending.value).toBe(true)
  expect(wire.clients).toHaveLength(2)
  unmount()
})

it('remembers what it sends, as it is now, until it is stopped', async () => {
  const { result: publishing, unmount } = studio()
  publishing.start()
  expect(wasSending('b')).toEqual(CHOICE)
  choice.value = { ...CHOICE, muted: true }
  await pass(0)
  expect(wasSending('b')).toMatchObject({ muted: true })
  // The page goes: the server is told, and a reload may go on.
  window.dispatchEvent(new Event('pagehide'))
  await pass(0)
  expect(publishing.state.value.name).toBe('idle')
  expect(wasSending('b')).not.toBeNull()
  await publishing.stop()
  expect(wasSending('b')).toBeNull()
  unmount()
})

it('does not remember what another device sends in its place', async () => {
  const { result: publishing, unmount } = studio()
  wire.outcomes = [ACTIVE]
  publishing.start()
  await pass(0)
  expect([publishing.state.value.name, wasSending('b')]).toEqual(['occupied', null])
  publishing.takeOver()
  await pass(0)
  expect(wasSending('b')).toEqual(CHOICE)
  unmount()
})
