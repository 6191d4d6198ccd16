/** The word lists, and the one that is being written about. */
import { ref, shallowRef } from 'vue'
import type { WordList, WordListInput } from '@/api'
import { useResource } from '@/composables/useResource'
import { useSubmit } from '@/composables/useSubmit'
import { useContext } from '@/core/context'
import { ask } from '@/ui/ask'
import { placing } from '../../staff/parts/faults'
import type { Undo } from '../../staff/parts/useUndo'

export function useWordLists(undo: Undo) {
  const { api } = useContext()
  const resource = useResource(() => api.wordLists())
  const submit = useSubmit()
  const open = ref(false)
  const editing = shallowRef<WordList | null>(null)

  /** null is a new one. */
  function edit(list: WordList | null): void {
    submit.message.value = ''
    submit.fields.value = {}
    editing.value = list
    open.value = true
  }

  /** Gives what was saved; null where it was not. */
  async function save(input: WordListInput): Promise<WordList | null> {
    const list = editing.value
    if (input.name.trim() === '') {
      submit.fields.value = { name: '请给词表起个名字' }
      return null
    }
    let saved: WordList | null = null
    await submit.run(async () => {
      saved = await placing({ name_taken: 'name' }, () => (list === null ? api.addWordList(input) : api.changeWordList(list.id, input)))
      open.value = false
      undo.say(list === null ? `已新建“${input.name}”，请添加词语` : `已保存“${input.name}”`)
      await resource.reload()
    })
    return saved
  }

  async function drop(list: WordList): Promise<boolean> {
    const question = { title: `删除“${list.name}”？`, message: `其中的 ${list.words} 个词会一起删除，不能恢复。可以先导出留一份。`, yes: '删除', no: '不删除' }
    if (!(await ask(question))) return false
    const done = await submit.run(() => api.dropWordList(list.id))
    undo.say(done ? `已删除“${list.name}”` : `没有删除：${submit.message.value}`)
    await resource.reload()
    return done
  }

  return { ...resource, submit, open, editing, edit, save, drop }
}
