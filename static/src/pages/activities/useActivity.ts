/** One activity: looked at again every few seconds, and after everything one does with it. */
import { onScopeDispose, ref } from 'vue'
import type { Activity } from '@/api'
import { usePoll } from '@/composables/usePoll'
import { useResource } from '@/composables/useResource'
import { useSubmit } from '@/composables/useSubmit'
import { useContext } from '@/core/context'

const EVERY = 5_000

export function useActivity(id: string) {
  const { api, own } = useContext()
  const resource = useResource(() => api.activity(id))
  const submit = useSubmit()
  const doing = ref('')
  usePoll(resource.reload, () => EVERY)
  // A seat that has come free is told at once.
  const nothing = () => undefined
  onScopeDispose(own.join({
    snapshot: nothing,
    entries: (entries) => {
      if (entries.some((entry) => entry.type.startsWith('activity.') && entry.data['activity'] === id)) void resource.reload()
    },
  }))

  /** Runs it unless something runs already, and shows what came of it. `name`: which button is busy. */
  async function run(name: string, work: () => Promise<unknown>): Promise<boolean> {
    doing.value = name
    const done = await submit.run(work)
    await resource.reload()
    doing.value = ''
    return done
  }

  return { ...resource, refusal: submit.message, doing, run, show: (activity: Activity) => { resource.data.value = activity } }
}
