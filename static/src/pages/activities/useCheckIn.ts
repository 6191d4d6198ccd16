/**
 * Check-in by the code, from the link that was scanned or typed by hand. Without a network the code is kept with its time; once
 * there is one it becomes a claim that the person in charge decides on.
 */
import { computed, ref, watch, type ComputedRef, type Ref } from 'vue'
import { ApiError, inWords, OfflineError, type Activity, type ActivityPart, type OwnClaim } from '@/api'
import { useContext } from '@/core/context'
import { KeptCodes } from './kept-code'

export interface CheckIn {
  code: Ref<string>
  busy: Ref<boolean>
  message: Ref<string>
  /** What became of a code that was scanned without a network. */
  claim: Ref<OwnClaim | null>
  kept: Ref<boolean>
  ready: ComputedRef<boolean>
  send: () => Promise<void>
}

/** Refusals that another try does not change. After any other, a session that has ended included, the code is still proof. */
const FINAL: ReadonlySet<number> = new Set([400, 409, 422])

/** The server is as good as away behind a proxy that cannot reach it. */
const isAway = (error: unknown): boolean => error instanceof OfflineError || (error instanceof ApiError && error.status >= 500)

export function useCheckIn(activity: () => Activity, scanned: string, done: (part: ActivityPart) => void): CheckIn {
  const { api, session, reach, clock } = useContext()
  const store = new KeptCodes(session.member.value?.id ?? '', activity().id)
  const code = ref(scanned)
  const busy = ref(false)
  const message = ref('')
  const claim = ref<OwnClaim | null>(null)
  const kept = ref(store.get() !== null)

  async function send(): Promise<void> {
    if (busy.value) return
    busy.value = true
    message.value = ''
    const at = new Date(clock.now()).toISOString() // before the server is waited for
    try {
      done(await api.checkIn(activity().id, code.value))
      store.forget()
      kept.value = false
    } catch (error) {
      if (isAway(error)) keep(at)
      else message.value = inWords(error)
      if (error instanceof ApiError && error.code === 'code_wrong') code.value = ''
    } finally {
      busy.value = false
    }
  }

  function keep(at: string): void {
    kept.value = store.keep({ code: code.value, at })
    if (!kept.value) message.value = '没有网络，也没能存下签到码，请联系负责人补签'
  }

  async function settle(): Promise<void> {
    const waiting = store.get()
    if (waiting === null) return
    try {
      claim.value = await api.claimCheckIn(activity().id, waiting.code, waiting.at)
      store.forget()
      kept.value = false
    } catch (error) {
      if (!(error instanceof ApiError)) return
      message.value = error.detail
      if (FINAL.has(error.status)) {
        store.forget()
        kept.value = false
      }
    }
  }

  watch(reach.returns, () => void settle())
  void settle()
  return { code, busy, message, claim, kept, ready: computed(() => code.value.replace(/\s/g, '').length >= 6), send }
}
