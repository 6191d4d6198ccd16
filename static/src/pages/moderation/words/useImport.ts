/** A file of words in two steps: chosen and tried (nothing is written), looked at, imported. */
import { computed, ref, shallowRef } from 'vue'
import type { WordsImport } from '@/api'
import { useSubmit } from '@/composables/useSubmit'
import { useContext } from '@/core/context'

export const ACCEPT = '.txt,.csv,text/plain,text/csv'
const MOST = 4 * 1024 * 1024

export function fileFault({ name, size }: Pick<File, 'name' | 'size'>): string {
  if (!/\.(txt|csv)$/i.test(name)) return '请选择 TXT 或 CSV 文件，一行一个词'
  if (size === 0) return '这个文件是空的'
  return size > MOST ? '文件不能超过 4 MB，请分成几个文件' : ''
}

export function useImport(listId: string) {
  const { api } = useContext()
  const submit = useSubmit()
  const fileName = ref('')
  const replace = ref(false)
  const answer = shallowRef<WordsImport | null>(null)
  let content: Blob | null = null

  const idle = computed(() => answer.value !== null && answer.value.faults.length === 0 && answer.value.added + answer.value.removed === 0)

  async function send(dryRun: boolean): Promise<boolean> {
    const file = content
    if (file === null) return false
    const type = /\.csv$/i.test(fileName.value) ? 'text/csv' : 'text/plain'
    return submit.run(async () => {
      answer.value = await api.importWords(listId, file, type, { replace: replace.value, dry_run: dryRun })
    })
  }

  async function choose(file: File): Promise<void> {
    submit.message.value = fileFault(file)
    if (submit.message.value) return
    // Kept in memory: what is imported is what was checked, even if the file is saved again meanwhile.
    content = new Blob([await new Response(file).arrayBuffer()])
    fileName.value = file.name
    await send(true)
  }

  async function setReplace(on: boolean): Promise<void> {
    replace.value = on
    await send(true)
  }

  /** True once it is done; a file that no longer fits shows its faults. */
  async function confirm(): Promise<boolean> {
    return (await send(false)) && answer.value?.done === true
  }

  function again(): void {
    content = null
    answer.value = null
    fileName.value = ''
    submit.message.value = ''
  }

  return { submit, fileName, replace, answer, idle, choose, setReplace, confirm, again }
}
