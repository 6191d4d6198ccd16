/** The studio of one broadcast: devices, sending, checks, and the few decisions between rehearsal and the end. */
import { showToast } from 'vant'
import { computed, ref } from 'vue'
import { inWords, type Broadcast } from '@/api'
import { useBroadcast } from '@/composables/useBroadcast'
import { useLeaveGuard } from '@/composables/useLeaveGuard'
import { useMicLevel } from '@/composables/useMicLevel'
import { useWakeLock } from '@/composables/useWakeLock'
import { useContext } from '@/core/context'
import { VISIBILITY_WORDS } from '@/core/roles'
import { browserSupport } from '@/media/support'
import { ask, explain } from '@/ui/ask'
import { canSend, checksOf, type Findings } from './checks'
import { useNetworkTest } from './useNetworkTest'
import { usePublishing } from './usePublishing'
import { useResume } from './useResume'
import { useSources } from './useSources'

const PUBLIC_DUTY = '面向公众直播须具备相应的许可和备案，请确认已经办妥。'

export type Phase = 'before' | 'rehearsal' | 'air' | 'over'

export function useStudio(id: string) {
  const { api } = useContext()
  const handle = useBroadcast(id)
  const { broadcast } = handle
  const orientation = computed(() => broadcast.value?.orientation ?? 'landscape')
  const sources = useSources(orientation)
  const mic = useMicLevel(sources.audio)
  const publishing = usePublishing(broadcast, sources, handle.take)
  const test = useNetworkTest(publishing, () => sources.video.value !== null)
  const support = browserSupport()
  const busy = ref('')

  const findings = computed<Findings>(() => ({
    support,
    opened: sources.opened.value,
    hasPicture: sources.video.value !== null,
    hasSound: sources.audio.value !== null,
    heard: mic.heard.value,
    cameraFault: sources.cameraFault.value,
    microphoneFault: sources.microphoneFault.value,
    network: { running: test.running.value, verdict: test.verdict.value, words: test.words.value },
  }))
  const onAir = computed(() => broadcast.value?.state === 'live' || broadcast.value?.state === 'interrupted')
  /** Somebody sends: this page, another device or OBS. */
  const received = computed(() => publishing.sending.value || publishing.status.value?.publishing === true)
  const phase = computed<Phase>(() => {
    if (onAir.value) return 'air'
    if (['ended', 'cut_off', 'cancelled'].includes(broadcast.value?.state ?? '')) return 'over'
    if (test.running.value) return 'before'
    return publishing.active.value || publishing.state.value.name === 'occupied' || received.value ? 'rehearsal' : 'before'
  })

  const resuming = useResume(id, broadcast, sources, publishing)
  useWakeLock(publishing.active)
  useLeaveGuard(computed(() => publishing.active.value && !test.running.value), '您正在推流，离开本页后观众会看到“主播正在恢复连接”。')

  /** `fault` heads what the host must not miss: it stays until read, where a passing word would go unseen in a noisy hall. */
  async function act(name: string, call: () => Promise<Broadcast>, fault = ''): Promise<boolean> {
    if (busy.value !== '') return false
    busy.value = name
    try {
      handle.take(await call())
      return true
    } catch (error) {
      if (fault === '') showToast(inWords(error))
      else void explain(fault, inWords(error))
      return false
    } finally {
      busy.value = ''
    }
  }

  const sure = (title: string, message: string, yes: string) => ask({ title, message, yes, no: '再等等' })

  async function goLive(): Promise<void> {
    const visibility = broadcast.value?.visibility ?? 'members'
    if (await sure('现在开播？', `开播后立即可见，并开始录像。${VISIBILITY_WORDS[visibility]}。${visibility === 'public' ? PUBLIC_DUTY : ''}`, '开播')) await act('live', () => api.goLive(id), '还没有开播')
  }

  async function end(): Promise<void> {
    if (await act('end', () => api.end(id), '直播还没有结束')) await publishing.stop()
  }

  async function askEnd(): Promise<void> {
    if (await sure('结束直播？', '结束后不能再开播，录像会自动保存。', '结束')) await end()
  }

  async function cancel(): Promise<void> {
    if (await sure('取消这场直播？', '取消后不能恢复，观众会看到“直播已取消”。', '取消直播')) await act('cancel', () => api.cancel(id), '还没有取消')
  }

  async function takeOver(): Promise<void> {
    if (!sources.opened.value) await sources.open()
    const who = publishing.status.value?.publisher?.name
    if (!(await sure('由这台设备接管？', `${who ? `${who}的` : ''}另一台设备正在推流，接管后它会断开。`, '接管'))) return
    if (publishing.state.value.name === 'occupied') publishing.takeOver()
    else publishing.start({ takeover: true })
  }

  return {
    ...handle, sources, mic, publishing, test, support, busy, phase, onAir, received, resuming,
    checks: computed(() => checksOf(findings.value)),
    sendable: computed(() => canSend(findings.value)),
    act, goLive, end, askEnd, cancel, takeOver,
    setReplay: (published: boolean, download: boolean) => act('replay', () => api.setReplay(id, published, download)),
  }
}

export type Studio = ReturnType<typeof useStudio>
