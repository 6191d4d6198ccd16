/** The network test: sends for some seconds for real, to the place the broadcast will go to. Viewers see nothing of it. */
import { ref, watch } from 'vue'
import { bitrate } from '@/core/format'
import { VERDICT_WORDS, type Verdict } from '@/media/uplink'
import type { Publishing } from './usePublishing'

const SECONDS = 8
/** s to connect before it counts as failed */
const PATIENCE = 12

export function useNetworkTest(publishing: Publishing, withPicture: () => boolean) {
  const running = ref(false)
  const verdict = ref<Verdict | null>(null)
  const words = ref('')

  async function run(): Promise<void> {
    if (running.value || publishing.active.value) return
    running.value = true
    verdict.value = null
    words.value = ''
    publishing.start()
    const connected = await until(() => publishing.sending.value || ['refused', 'occupied'].includes(publishing.state.value.name), PATIENCE)
    if (connected && publishing.sending.value) {
      await until(() => publishing.samples.value.length >= SECONDS, SECONDS + 4)
      conclude()
    } else {
      const state = publishing.state.value
      words.value = state.name === 'refused' ? state.detail : state.name === 'occupied' ? '另一台设备正在推流，没有测试' : '没能连上服务器。请换一个网络，或请管理员检查推流端口'
    }
    await publishing.stop()
    running.value = false
  }

  function conclude(): void {
    const recent = publishing.samples.value.slice(-5)
    const mean = (value: (sample: (typeof recent)[number]) => number) => recent.reduce((sum, each) => sum + value(each), 0) / Math.max(1, recent.length)
    verdict.value = publishing.verdict.value
    if (verdict.value === null) return
    const advice = verdict.value === 'poor' ? (withPicture() ? '，建议换到有线网络或信号更好的地方' : '，建议换个网络') : ''
    words.value = `${VERDICT_WORDS[verdict.value]}，上行 ${bitrate(mean((each) => each.bitrate))}，丢包 ${(mean((each) => each.loss) * 100).toFixed(1)}%${advice}`
  }

  return { running, verdict, words, run }
}

/** Resolves when the condition holds (true) or the time is over (false). */
function until(condition: () => boolean, seconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = watch(condition, (met) => { if (met) finish(true) }, { immediate: false })
    const timer = setTimeout(() => { finish(condition()) }, seconds * 1000)
    function finish(met: boolean): void {
      clearTimeout(timer)
      stop()
      resolve(met)
    }
    if (condition()) finish(true)
  })
}
