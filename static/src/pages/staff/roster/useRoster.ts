/**
 * A roster file in three steps: chosen and tried (nothing is written), looked at, imported. The codes at the end are shown once, so
 * the sheet does not close over them before they have been taken somewhere, or somebody says twice that they are not needed.
 */
import { computed, ref, shallowRef } from 'vue'
import { ApiError, type RosterAnswer, type RosterError } from '@/api'
import { useSubmit } from '@/composables/useSubmit'
import { useContext } from '@/core/context'
import { fileFault, rosterType } from './file'

export type RosterStep = 'choose' | 'checked' | 'done'

const NOTHING: RosterAnswer = { branches_added: 0, members_added: 0, members_changed: 0, errors: [], activations: [] }

export function useRoster() {
  const { api } = useContext()
  const submit = useSubmit()
  const step = ref<RosterStep>('choose')
  const fileName = ref('')
  const answer = shallowRef<RosterAnswer>(NOTHING)
  const taken = ref(false)
  const warned = ref(false)
  let content: Blob | null = null

  const idle = computed(() => {
    const { branches_added, members_added, members_changed, errors } = answer.value
    return errors.length === 0 && branches_added + members_added + members_changed === 0
  })

  async function choose(file: File): Promise<void> {
    submit.message.value = fileFault(file)
    if (submit.message.value) return
    await submit.run(async () => {
      // Kept in memory: what is imported is what was checked, even if the file is saved again meanwhile.
      content = new Blob([await new Response(file).arrayBuffer()])
      fileName.value = file.name
      answer.value = await api.importRoster(content, rosterType(file.name), true)
      step.value = 'checked'
    })
  }

  async function confirm(): Promise<boolean> {
    const file = content
    if (file === null || answer.value.errors.length > 0) return false
    return submit.run(async () => {
      try {
        answer.value = await api.importRoster(file, rosterType(fileName.value), false)
        step.value = 'done'
        taken.value = answer.value.activations.length === 0
      } catch (error) {
        // Somebody changed the roster meanwhile: the errors are shown as those of the check.
        const errors = errorsOf(error)
        if (errors.length > 0) answer.value = { ...NOTHING, errors }
        throw error
      }
    })
  }

  function again(): void {
    content = null
    step.value = 'choose'
    answer.value = NOTHING
    fileName.value = ''
    taken.value = warned.value = false
    submit.message.value = ''
  }

  /** Whether the sheet may close now. The first try over codes that nobody has taken only warns. */
  function mayClose(): boolean {
    if (submit.busy.value) return false
    if (step.value !== 'done' || taken.value || warned.value) return true
    warned.value = true
    return false
  }

  return { step, fileName, answer, idle, taken, warned, submit, choose, confirm, again, mayClose }
}

function errorsOf(error: unknown): RosterError[] {
  const errors = error instanceof ApiError && error.code === 'roster_invalid' ? error.extra['errors'] : undefined
  return Array.isArray(errors) ? (errors as RosterError[]) : []
}

export type Roster = ReturnType<typeof useRoster>
