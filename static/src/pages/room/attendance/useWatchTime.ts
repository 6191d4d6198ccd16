/**
 * Tells the server every ten seconds where the picture stands, and keeps what it makes of that: the time one has watched, on all
 * devices. Only oneself is shown it. A page that is not seen says so once and is silent then.
 */
import { onScopeDispose, ref } from 'vue'
import { useContext } from '@/core/context'
import type { WatchAck, WatchIn } from '@/protocol'

const EVERY = 10_000

/** `mediaTime`: the moment of the frame on screen; null where there is none. `heard`: told of each answer. */
export function useWatchTime(broadcastId: string, mediaTime: () => Date | null, heard?: (answer: WatchAck) => void) {
  const { live, session } = useContext()
  const watched = ref(0)
  let last: number | null = null
  let silent = true

  async function tell(visible: boolean): Promise<void> {
    const at = mediaTime()
    if (at === null || session.member.value === null) return
    // The picture itself says whether it moves, whatever the player calls its state.
    const playing = last !== null && at.getTime() !== last
    last = at.getTime()
    if (silent && !(playing && visible)) return
    silent = !(playing && visible)
    const said: WatchIn = { broadcast: broadcastId, media_at: at.toISOString(), playing, visible }
    const answer = await live.once<WatchAck>('watch', said)
    if (answer === null) return
    watched.value = Math.max(watched.value, answer.watched_ms)
    heard?.(answer)
  }

  const timer = setInterval(() => {
    if (!document.hidden) void tell(true)
  }, EVERY)
  // Up to the moment in which it goes out of sight it was seen.
  const turned = () => {
    if (!document.hidden) {
      last = null
      silent = true
    } else void tell(true)
  }
  document.addEventListener('visibilitychange', turned)
  onScopeDispose(() => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', turned)
  })
  return { watched }
}
