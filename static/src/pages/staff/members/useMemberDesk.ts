/**
 * What is being done about one person: which step is open in the one sheet, and the calls behind it. Disabling takes effect at
 * once and can be undone; what it ended (sessions, an unused code) stays ended.
 */
import { shallowRef } from 'vue'
import type { Activation, MemberInput, MemberRow } from '@/api'
import { useSubmit } from '@/composables/useSubmit'
import { useContext } from '@/core/context'
import { placing } from '../parts/faults'
import type { Undo } from '../parts/useUndo'

export type Question = 'disable' | 'code' | 'sessions'
export type Step =
  | { kind: 'add' }
  | { kind: 'edit'; member: MemberRow }
  | { kind: Question; member: MemberRow }
  | { kind: 'slip'; member: MemberRow; activation: Activation }

const PLACES = { mobile_taken: 'mobile', mobile_invalid: 'mobile', branch_unknown: 'branch_id' }

export function useMemberDesk(put: (row: MemberRow) => void, undo: Undo) {
  const { api } = useContext()
  const step = shallowRef<Step | null>(null)
  const submit = useSubmit()

  function open(next: Step | null): void {
    submit.message.value = ''
    submit.fields.value = {}
    step.value = next
  }

  async function add(input: MemberInput): Promise<void> {
    await submit.run(async () => {
      const { member, activation } = await placing(PLACES, () => api.addMember(input))
      put(member)
      open({ kind: 'slip', member, activation })
    })
  }

  async function save(member: MemberRow, changes: Partial<MemberInput>): Promise<void> {
    await submit.run(async () => {
      if (Object.keys(changes).length > 0) {
        put(await placing(PLACES, () => api.changeMember(member.id, changes)))
        undo.say(`已保存${member.name}的信息`)
      }
      open(null)
    })
  }

  async function setDisabled(member: MemberRow, disabled: boolean): Promise<void> {
    await submit.run(async () => {
      const set = async (value: boolean) => {
        put(await api.changeMember(member.id, { disabled: value }))
      }
      await set(disabled)
      open(null)
      undo.say(disabled ? `已停用${member.name}的账号` : `已恢复${member.name}的账号`, () => set(!disabled))
    })
  }

  async function renewCode(member: MemberRow): Promise<void> {
    await submit.run(async () => {
      open({ kind: 'slip', member, activation: await api.renewActivation(member.id) })
    })
  }

  async function endSessions(member: MemberRow): Promise<void> {
    await submit.run(async () => {
      await api.endMemberSessions(member.id)
      open(null)
      undo.say(`${member.name}已在所有设备上退出`)
    })
  }

  function confirm(question: Question, member: MemberRow): Promise<void> {
    if (question === 'disable') return setDisabled(member, true)
    return question === 'code' ? renewCode(member) : endSessions(member)
  }

  return { step, submit, open, add, save, setDisabled, confirm }
}

export type MemberDesk = ReturnType<typeof useMemberDesk>
