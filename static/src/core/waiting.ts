/** What waits for the member before the screen, for the marks on the ways there. Asked when a page is opened, half a minute apart. */
import { computed, ref, shallowRef, watch } from 'vue'
import type { Api, WaitingRecord } from '@/api'
import type { Session } from './session'

const AGAIN = 30_000 // ms

export function createWaiting(api: Pick<Api, 'tasksWaiting' | 'recordsWaiting'>, session: Session) {
  /** How many tasks are to be read and confirmed. */
  const tasks = ref(0)
  /** Records of meetings to be confirmed by whoever chaired. */
  const records = shallowRef<readonly WaitingRecord[]>([])
  let asked = -AGAIN

  async function refresh(): Promise<void> {
    const member = session.member.value?.id
    if (member === undefined) return
    asked = performance.now()
    const [waiting, handedIn] = await Promise.all([api.tasksWaiting().catch(() => null), api.recordsWaiting().catch(() => null)])
    if (session.member.value?.id !== member) return
    tasks.value = waiting?.waiting ?? tasks.value
    records.value = handedIn?.items ?? records.value
  }

  watch(
    () => session.member.value?.id,
    () => {
      tasks.value = 0
      records.value = []
      asked = -AGAIN
    },
  )
  return {
    tasks,
    records,
    all: computed(() => tasks.value + records.value.length),
    refresh,
    /** Unless it was asked a moment ago. */
    look(): void {
      if (performance.now() - asked >= AGAIN) void refresh()
    },
  }
}

export type Waiting = ReturnType<typeof createWaiting>
