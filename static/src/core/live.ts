/** The page's one live connection, woken whenever the page comes into sight or the network returns. */
import { watch } from 'vue'
import { Connection, openSocket } from '@/protocol'
import type { Session } from './session'
import { forgetUnsent } from './unsent'

export function createLive(session: Session, open = openSocket): Connection {
  const connection = new Connection(
    open(
      async () => {
        await session.ready()
        return { csrf: session.csrf() }
      },
      () => session.reload(),
    ),
  )
  watch(
    () => session.speaker.value?.id,
    (now, before) => {
      // A visitor becomes known in mid-room: the connection was opened as nobody's.
      if (now !== before && (before !== undefined || connection.online)) connection.handOver()
      if (now !== undefined) forgetUnsent(now)
    },
    { flush: 'sync' },
  )
  const wake = () => {
    if (!document.hidden && connection.following) void connection.wake()
  }
  document.addEventListener('visibilitychange', wake)
  window.addEventListener('online', wake)
  window.addEventListener('pageshow', wake)
  return connection
}
