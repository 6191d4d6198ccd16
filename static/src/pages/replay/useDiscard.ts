/** Throwing a recording away. Nothing brings it back, so it is asked about in words that say so. */
import { showToast } from 'vant'
import type { Broadcast } from '@/api'
import { useSubmit } from '@/composables/useSubmit'
import { useContext } from '@/core/context'
import { ask } from '@/ui/ask'

export function useDiscard(broadcast: () => Broadcast, take: (fresh: Broadcast) => void, sure: () => Promise<boolean> = askAgain) {
  const { api } = useContext()
  const { busy, message, run } = useSubmit()

  async function discard(): Promise<void> {
    if (!(await sure())) return
    const done = await run(async () => {
      take(await api.discardRecording(broadcast().id))
    })
    if (done) showToast('录像已删除')
  }

  return { busy, message, discard }
}

function askAgain(): Promise<boolean> {
  return ask({
    title: '永久删除这场录像？',
    message: '录像、回看和下载文件会一起删除，无法恢复，也不能再发布。正在回看的人会马上看不到。',
    yes: '永久删除',
    no: '保留录像',
  })
}
