/** The endpoints, what is being done to one of them, and the secret that is shown this once. */
import { computed, ref, shallowRef } from 'vue'
import { showToast } from 'vant'
import type { Webhook, WebhookInput, WebhookOutcome } from '@/api'
import { usePoll } from '@/composables/usePoll'
import { useResource } from '@/composables/useResource'
import { useSubmit } from '@/composables/useSubmit'
import { useContext } from '@/core/context'
import { ask } from '@/ui/ask'

const LOOK = 5000 // ms

export function useWebhooks() {
  const { api } = useContext()
  const resource = useResource(() => api.webhooks())
  const submit = useSubmit()
  const acting = useSubmit()
  const form = ref(false)
  const editing = shallowRef<Webhook | null>(null)
  const log = ref('')
  const secret = ref('')
  const tested = shallowRef<{ id: string; outcome: WebhookOutcome } | null>(null)
  const items = computed(() => resource.data.value?.items ?? [])
  usePoll(() => resource.reload(), () => LOOK)

  function edit(webhook: Webhook | null): void {
    submit.message.value = ''
    submit.fields.value = {}
    editing.value = webhook
    form.value = true
  }

  async function save(input: WebhookInput): Promise<void> {
    const webhook = editing.value
    await submit.run(async () => {
      if (webhook === null) secret.value = (await api.addWebhook(input)).secret
      else await api.changeWebhook(webhook.id, { name: input.name, url: input.url, events: input.events })
      form.value = false
      if (webhook !== null) showToast('已保存')
      await resource.reload()
    })
  }

  async function act(work: () => Promise<unknown>, done = ''): Promise<void> {
    const went = await acting.run(work)
    showToast(went ? done || '已完成' : acting.message.value)
    await resource.reload()
  }

  const turn = (webhook: Webhook) =>
    webhook.state === 'active'
      ? act(() => api.setWebhook(webhook.id, 'pause'), '已暂停，期间的事件会留着')
      : act(() => api.setWebhook(webhook.id, 'resume'), '已恢复推送')

  async function rotate(webhook: Webhook): Promise<void> {
    const sure = { title: '更换签名密钥', message: '新密钥立即生效。旧密钥还能用 24 小时，请在这之前让对方换好。', yes: '更换', no: '取消' }
    if (await ask(sure)) await acting.run(async () => { secret.value = (await api.rotateWebhook(webhook.id)).secret })
    if (acting.message.value) showToast(acting.message.value)
    await resource.reload()
  }

  async function test(webhook: Webhook): Promise<void> {
    tested.value = null
    const went = await acting.run(async () => { tested.value = { id: webhook.id, outcome: await api.testWebhook(webhook.id) } })
    if (!went) showToast(acting.message.value)
  }

  async function remove(webhook: Webhook): Promise<void> {
    const waits = webhook.waiting + webhook.dead
    const message = `${waits > 0 ? `还有 ${waits} 条没有送达，会一起删掉。` : ''}删除后不能恢复。`
    if (await ask({ title: `删除“${webhook.name}”？`, message, yes: '删除', no: '取消' })) await act(() => api.removeWebhook(webhook.id), '已删除')
  }

  return { ...resource, items, submit, acting, form, editing, edit, save, log, secret, tested, turn, rotate, test, remove }
}
