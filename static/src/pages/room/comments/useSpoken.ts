/** What a screen reader is told of a lively list: one polite sentence now and then that sums up what came, instead of a flood. */
import { onScopeDispose, ref } from 'vue'
import type { Comment } from './comment'

const PAUSE = 5_000
/** Characters of a comment that are read out. */
const LONGEST = 60

export function useSpoken() {
  const spoken = ref('')
  let waiting: Comment[] = []
  /** The offset of the comment whose words are in the sentence. */
  let quoted = 0
  let silence: ReturnType<typeof setTimeout> | undefined

  function speak(): void {
    silence = undefined
    const last = waiting[waiting.length - 1]
    if (last === undefined) return
    const characters = Array.from(last.text)
    const words = `${last.name}：${characters.length > LONGEST ? `${characters.slice(0, LONGEST).join('')}…` : last.text}`
    spoken.value = waiting.length === 1 ? words : `${waiting.length} 条新评论，最后一条是${words}`
    quoted = last.offset
    waiting = []
    silence = setTimeout(speak, PAUSE)
  }

  /** These have come; one's own are known to their writer. */
  function tell(fresh: readonly Comment[]): void {
    waiting.push(...fresh.filter(({ mine }) => !mine))
    if (silence === undefined) speak()
  }

  /** It was taken back. */
  function unsay(offset: number): void {
    waiting = waiting.filter((comment) => comment.offset !== offset)
    if (quoted === offset) spoken.value = ''
  }

  onScopeDispose(() => {
    clearTimeout(silence)
  })
  return { spoken, tell, unsay }
}
