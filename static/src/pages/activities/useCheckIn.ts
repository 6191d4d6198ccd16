/**
 * Check-in by the code, from the link that was scanned or typed by hand. Without a network the code is kept with its time; once
 * there is one it becomes a claim that the person in charge decides on (`core/kept-codes`, wherever in the app one is then).
 */
import { computed, ref, type ComputedRef, type Ref } from 'vue'
import { ApiError, inWords, OfflineError, type Activity, type ActivityPart, type OwnClaim } from '@/api'
import { useContext } from '@/core/context'

export interface CheckIn {
  code: Ref<string>
  busy: Ref<boolean>
  message: ComputedRef<string>
  /** What became of a code that was scanned without a network. */
  claim: ComputedRef<OwnClaim | null>
  kept: ComputedRef<boolean>
  ready: ComputedRef<boolean>
  send: () => Promise<void>
}

/** The server is as good as away behind a proxy that cannot reach it. */
const isAway = (error: unknown): boolean => error instanceof OfflineError || (error instanceof ApiError && error.status >= 500)

export function useCheckIn(activity: () => Activity, scanned: string, done: (part: ActivityPart) => void): CheckIn {
  const { api, clock, codes } = useContext()
  const code = ref(scanned)
  const busy = ref(false)
  const fault = ref('')
  const answer = computed(() => codes.answers.value[activity().id])

  async function send(): Promise<void> {
    if (busy.value) return
    busy.value = true
    fault.value = ''
    const at = new Date(clock.now()).toISOString() // before the server is waited for
    try {
      done(await api.checkIn(activity().id, code.value))
      codes.forget(activity().id)
    } catch (error) {
      if (isAway(error)) keep(at)
      else fault.value = inWords(error)
      if (error instanceof ApiError && error.code === 'code_wrong') code.value = ''
    } finally {
      busy.value = false
    }
  }

  function keep(at: string): void {
    const kept = codes.keep(activity().id, { code: code.value, at, title: activity().title })
    if (!kept) fault.value = '没有网络，也没能存下签到码，请联系负责人补签'
  }

  return {
    code,
    busy,
    message: computed(() => fault.value || (answer.value?.refusal ?? '')),
    claim: computed(() => answer.value?.claim ?? null),
    kept: computed(() => codes.waiting.value[activity().id] !== undefined),
    ready: computed(() => code.value.replace(/\s/g, '').length >= 6),
    send,
  }
}
