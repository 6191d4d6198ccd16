/** One form for a new broadcast and for changing one: checks here first, then says what the server found. */
import { showToast } from 'vant'
import { computed, ref, shallowRef, watch } from 'vue'
import { useRouter } from 'vue-router'
import type { Broadcast, OfferedRules, RollCallRules } from '@/api'
import { useResource } from '@/composables/useResource'
import { useSubmit } from '@/composables/useSubmit'
import { useContext } from '@/core/context'
import { changesOf, draftOf, emptyDraft, faultsOf, toInput, type Draft, type Faults } from './draft'

const WIRE_NAMES: Readonly<Record<string, keyof Draft>> = {
  title: 'title', intro: 'intro', starts_at: 'startsAt', minutes_planned: 'minutes', visibility: 'visibility',
  comment_mode: 'commentMode', orientation: 'orientation', co_hosts: 'coHosts',
}

export function useBroadcastForm(id: string | null) {
  const { api, clock } = useContext()
  const router = useRouter()
  const draft = ref<Draft>(emptyDraft(clock.now()))
  const present = shallowRef<Broadcast | null>(null)
  /** undefined: untouched; null: to be removed. */
  const poster = shallowRef<Blob | null | undefined>(undefined)
  const rules = ref<RollCallRules | null>(null)
  /** There are questions to ask of who watches the replay. */
  const quiz = ref(false)
  /** As the server has them. */
  let before: RollCallRules | null = null
  const local = ref<Faults>({})
  const { busy, message, fields, run } = useSubmit()

  function take({ checks, ...given }: OfferedRules): void {
    before = given
    rules.value = { ...given }
    quiz.value = checks.includes('quiz')
  }

  const resource = useResource(async () => {
    if (id === null) {
      if (rules.value === null) take(await api.usualRollCallRules())
      return true
    }
    const known = present.value
    present.value = await api.broadcast(id)
    // The network came back while somebody was writing: what is written stays.
    if (known === null) draft.value = draftOf(present.value)
    if (rules.value === null && present.value.can.manage) take(await api.rollCallRules(id))
    return true
  })

  const faults = computed<Faults>(() => {
    const all: Faults = { ...local.value }
    for (const [wire, words] of Object.entries(fields.value)) {
      const field = WIRE_NAMES[wire]
      if (field !== undefined) all[field] ??= words
    }
    return all
  })
  // Once told what is wrong, people want to see it become right.
  watch(draft, (now) => {
    if (Object.keys(faults.value).length === 0) return
    fields.value = {}
    local.value = faultsOf(now, clock.now(), id === null)
    if (Object.keys(local.value).length === 0) message.value = ''
  }, { deep: true })

  const onAir = computed(() => present.value?.state === 'live' || present.value?.state === 'interrupted')

  async function save(): Promise<void> {
    local.value = faultsOf(draft.value, clock.now(), id === null)
    if (Object.keys(local.value).length > 0) {
      message.value = '有内容需要修改，请看红色提示'
      return
    }
    const done = await run(async () => {
      const saved = id === null ? await api.createBroadcast(toInput(draft.value)) : await api.changeBroadcast(id, changesOf(draft.value, onAir.value))
      present.value = saved
    })
    const saved = present.value
    if (!done || saved === null) return
    await sendRules(saved.id)
    await sendPoster(saved.id)
    await router.replace(`/studio/${saved.id}`)
  }

  async function sendRules(to: string): Promise<void> {
    if (rules.value === null || onAir.value || JSON.stringify(rules.value) === JSON.stringify(before)) return
    try {
      await api.setRollCallRules(to, rules.value)
    } catch {
      showToast('直播已保存，但点名设置没有保存，可以稍后在“修改信息”里重试')
    }
  }

  // The broadcast exists already: a poster that fails must not look as if nothing had been saved.
  async function sendPoster(to: string): Promise<void> {
    try {
      if (poster.value) await api.setPoster(to, poster.value)
      else if (poster.value === null && present.value?.poster_url) await api.removePoster(to)
    } catch {
      showToast('直播已保存，但封面没有传上去，可以稍后在“修改信息”里重试')
    }
  }

  return { ...resource, draft, rules, quiz, present, poster, faults, busy, submitMessage: message, onAir, save }
}
