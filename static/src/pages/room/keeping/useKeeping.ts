/** What those who keep a room change in it, at once and for everybody. */
import { showToast } from 'vant'
import { ref } from 'vue'
import { inWords, type Broadcast, type RoomOrder } from '@/api'
import { useContext } from '@/core/context'
import { ask } from '@/ui/ask'

export type Keeping = ReturnType<typeof useKeeping>

export function useKeeping(broadcast: () => Broadcast, fresh: (broadcast: Broadcast) => void) {
  const { api } = useContext()
  const busy = ref(false)
  /** How comments were taken before they were stopped here. */
  let before: Broadcast['comment_mode'] = 'post_moderated'

  async function change(order: RoomOrder): Promise<void> {
    if (busy.value) return
    busy.value = true
    try {
      fresh(await api.keepOrder(broadcast().id, order))
    } catch (error) {
      showToast(inWords(error))
    } finally {
      busy.value = false
    }
  }

  async function stop(): Promise<void> {
    const sure = await ask({ title: '停止评论？', message: '所有人立即不能再发评论，已有的评论还看得到。随时可以恢复。', yes: '停止评论', no: '再等等' })
    if (!sure) return
    before = broadcast().comment_mode
    await change({ comment_mode: 'off' })
  }

  const resume = () => change({ comment_mode: before === 'off' ? 'post_moderated' : before })

  return { busy, change, stop, resume }
}
