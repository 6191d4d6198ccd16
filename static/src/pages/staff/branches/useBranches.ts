/** The branches, and the one that is being written about. */
import { computed, ref, shallowRef } from 'vue'
import type { Branch } from '@/api'
import { useResource } from '@/composables/useResource'
import { useSubmit } from '@/composables/useSubmit'
import { useContext } from '@/core/context'
import { placing } from '../parts/faults'
import type { Undo } from '../parts/useUndo'

export interface BranchDraft {
  name: string
  city: string
}

export function useBranches(undo: Undo) {
  const { api } = useContext()
  const resource = useResource(() => api.branches())
  const submit = useSubmit()
  const open = ref(false)
  const editing = shallowRef<Branch | null>(null)

  /** null is a new one. */
  function edit(branch: Branch | null): void {
    submit.message.value = ''
    submit.fields.value = {}
    editing.value = branch
    open.value = true
  }

  async function save(draft: BranchDraft): Promise<void> {
    const input = { name: draft.name.trim(), city: draft.city.trim() }
    const branch = editing.value
    if (input.name === '') {
      submit.fields.value = { name: '请输入支部名称' }
      return
    }
    await submit.run(async () => {
      await placing({ branch_exists: 'name' }, () => (branch === null ? api.addBranch(input) : api.changeBranch(branch.id, input)))
      open.value = false
      undo.say(branch === null ? `已添加${input.name}` : `已保存${input.name}`)
      await resource.reload()
    })
  }

  const sort = ref('')
  const branches = computed(() => sorted(resource.data.value?.items ?? [], sort.value))
  return { ...resource, branches, sort, people: computed(() => branches.value.reduce((sum, branch) => sum + branch.members, 0)), open, editing, edit, save, submit }
}

const byText = new Intl.Collator('zh-CN')

/** By the heading named, down with a minus before it; as they come without one. */
export function sorted(branches: readonly Branch[], sort: string): Branch[] {
  const by: Record<string, (one: Branch, other: Branch) => number> = {
    name: (one, other) => byText.compare(one.name, other.name),
    city: (one, other) => byText.compare(one.city, other.city),
    members: (one, other) => one.members - other.members,
  }
  const compare = by[sort.replace('-', '')]
  if (compare === undefined) return [...branches]
  return [...branches].sort((one, other) => (sort.startsWith('-') ? -compare(one, other) : compare(one, other)))
}
