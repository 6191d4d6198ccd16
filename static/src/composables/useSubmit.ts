/** One sending of a form: busy meanwhile, and afterwards what the server refused, in words and field by field. */
import { ref, type Ref } from 'vue'
import { ApiError, inWords } from '@/api'

export interface Submit {
  busy: Ref<boolean>
  message: Ref<string>
  fields: Ref<Record<string, string>>
  /** Runs the work unless it is running; true when it went through. */
  run: (work: () => Promise<unknown>) => Promise<boolean>
}

export function useSubmit(): Submit {
  const busy = ref(false)
  const message = ref('')
  const fields = ref<Record<string, string>>({})

  async function run(work: () => Promise<unknown>): Promise<boolean> {
    if (busy.value) return false
    busy.value = true
    message.value = ''
    fields.value = {}
    try {
      await work()
      return true
    } catch (error) {
      message.value = inWords(error)
      if (error instanceof ApiError) fields.value = { ...error.fields }
      return false
    } finally {
      busy.value = false
    }
  }

  return { busy, message, fields, run }
}
