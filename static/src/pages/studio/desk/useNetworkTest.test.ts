import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { computed, ref, shallowRef } from 'vue'
import type { PublisherState } from '@/media/publisher'
import type { Sample, Verdict } from '@/media/uplink'
import { useNetworkTest } from './useNetworkTest'
import type { Publishing } from './usePublishing'

const sample = (bitrate: number, loss: number) => ({ bitrate, loss }) as Sample

function sender(verdict: Verdict = 'good') {
  const state = ref<PublisherState>({ name: 'idle' })
  const samples = shallowRef<Sample[]>([])
  const start = vi.fn(() => { state.value = { name: 'connecting' } })
  const stop = vi.fn(() => {
    state.value = { name: 'idle' }
    return Promise.resolve()
  })
  const publishing = {
    state, samples, start, stop,
    active: computed(() => ['connecting', 'sending', 'reconnecting'].includes(state.value.name)),
    sending: computed(() => state.value.name === 'sending'),
    verdict: ref(verdict),
  } as unknown as Publishing
  const connect = () => { state.value = { name: 'sending' } }
  /** A sample a second, as the meter gives them. */
  async function send(seconds: number, each: Sample = sample(1_200_000, 0.01)): Promise<void> {
    for (let second = 0; second < seconds; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000)
      samples.value = [...samples.value, each]
    }
    await vi.advanceTimersByTimeAsync(0)
  }
  return { publishing, state, start, stop, connect, send, test: useNetworkTest(publishing, () => true) }
}

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('sends for some seconds, says how it went, and stops', async () => {
  const { test, start, stop, connect, send } = sender()
  const done = test.run()
  expect(test.running.value).toBe(true)
  connect()
  await send(8)
  await done
  expect(test.verdict.value).toBe('good')
  expect(test.words.value).toBe('流畅，上行 1.2 Mbit/s，丢包 1.0%')
  expect(start).toHaveBeenCalledWith()
  expect(stop).toHaveBeenCalledTimes(1)
  expect(test.running.value).toBe(false)
})

it('says what to do about a poor network', async () => {
  const { test, connect, send } = sender('poor')
  const done = test.run()
  connect()
  await send(8, sample(200_000, 0.2))
  await done
  expect(test.words.value).toBe('较差，上行 200 kbit/s，丢包 20.0%，建议换到有线网络或信号更好的地方')
})

it('gives up on a server it cannot reach', async () => {
  const { test, stop } = sender()
  const done = test.run()
  await vi.advanceTimersByTimeAsync(12_000)
  await done
  expect(test.verdict.value).toBeNull()
  expect(test.words.value).toContain('没能连上服务器')
  expect(stop).toHaveBeenCalledTimes(1)
})

it('takes nothing over for a test, and repeats the words of a refusal', async () => {
  const { test, state } = sender()
  let done = test.run()
  state.value = { name: 'occupied' }
  await done
  expect(test.words.value).toBe('另一台设备正在推流，没有测试')
  done = test.run()
  state.value = { name: 'refused', code: 'broadcast_over', detail: '这场直播已经不能推流' }
  await done
  expect(test.words.value).toBe('这场直播已经不能推流')
})

it('never runs beside a broadcast or another test', async () => {
  const onAir = sender()
  onAir.connect()
  await onAir.test.run()
  expect(onAir.start).not.toHaveBeenCalled()
  const { test, start, connect, send } = sender()
  const done = test.run()
  await test.run()
  expect(start).toHaveBeenCalledTimes(1)
  connect()
  await send(8)
  await done
})
