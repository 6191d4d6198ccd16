/** The host's two decisions on a replay: who sees it, and whether they may keep it. Each takes effect at once. */
import { showToast } from 'vant'
import { ref } from 'vue'
import type { Broadcast } from '@/api'
import { useSubmit } from '@/composables/useSubmit'
import { useContext } from '@/core/context'
import { ask } from '@/ui/ask'

export function usePublish(broadcast: () => Broadcast, take: (fresh: Broadcast) => void, sure: () => Promise<boolean> = askAgain) {
  const { api } = useContext()
  const { busy, message, run } = useSubmit()
  /** What the switch says while nothing is published yet. */
  const download = ref(broadcast().replay.download.offered)

  async function set(published: boolean, words: string): Promise<void> {
    const done = await run(async () => {
      take(await api.setReplay(broadcast().id, published, download.value))
    })
    if (done) showToast(words)
    else download.value = broadcast().replay.download.offered
  }

  const publish = () => set(true, '已发布，大家可以回看了')

  const withdraw = async (): Promise<void> => {
    if (await sure()) await set(false, '已撤回，只有您能看到')
  }

  const offerDownload = async (on: boolean): Promise<void> => {
    download.value = on
    if (broadcast().replay.state === 'published') await set(true, on ? '已允许下载' : '已关闭下载')
  }

  return { busy, message, download, publish, withdraw, offerDownload }
}

function askAgain(): Promise<boolean> {
  return ask({
    title: '撤回这场回看？',
    message: '撤回后其他人马上不能再看和下载。录像不会删除，可以随时重新发布。',
    yes: '撤回',
    no: '先不撤回',
  })
}
