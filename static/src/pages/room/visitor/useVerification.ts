/** Proving a mobile number, in two steps: have a code sent, then show it. */
import { computed, onScopeDispose, ref } from 'vue'
import { ApiError } from '@/api'
import { useSubmit } from '@/composables/useSubmit'
import { useContext } from '@/core/context'
import { mobileFault } from '../../identity/checks'

/** s until another code may be asked for, as the server has it too. */
const PAUSE = 60

export function useVerification(done: () => void) {
  const { api, session } = useContext()
  const form = ref({ mobile: '', name: '', code: '' })
  const faults = ref({ mobile: '', name: '', code: '' })
  const sending = useSubmit()
  const proving = useSubmit()
  const wait = ref(0)
  const sent = ref(false)
  /** In the demo, which sends no messages. */
  const shown = ref('')
  let timer: ReturnType<typeof setInterval> | undefined

  function pause(seconds: number): void {
    wait.value = seconds
    clearInterval(timer)
    timer = setInterval(() => {
      wait.value -= 1
      if (wait.value <= 0) clearInterval(timer)
    }, 1_000)
  }
  onScopeDispose(() => {
    clearInterval(timer)
  })

  async function send(): Promise<void> {
    faults.value = { mobile: mobileFault(form.value.mobile.trim()), name: '', code: '' }
    if (faults.value.mobile !== '' || wait.value > 0) return
    await sending.run(async () => {
      try {
        shown.value = (await api.sendVisitorCode(form.value.mobile.trim())).shown ?? ''
        sent.value = true
        pause(PAUSE)
      } catch (error) {
        if (error instanceof ApiError && error.retryAfter !== null) pause(error.retryAfter)
        throw error
      }
    })
  }

  async function prove(): Promise<void> {
    const { mobile, name, code } = form.value
    faults.value = {
      mobile: mobileFault(mobile.trim()),
      name: name.trim() === '' ? '请填写昵称' : '',
      code: /^\d{6}$/.test(code.trim()) ? '' : '请输入短信里的 6 位数字',
    }
    if (faults.value.mobile || faults.value.name || faults.value.code) return
    const proven = await proving.run(async () => {
      session.proven(await api.verifyVisitor({ mobile: mobile.trim(), name: name.trim(), code: code.trim() }))
    })
    if (proven) done()
  }

  const sendWords = computed(() => (wait.value > 0 ? `${wait.value} 秒后可重发` : sent.value ? '重新获取' : '获取验证码'))
  return { form, faults, sending, proving, wait, sent, shown, sendWords, send, prove }
}
