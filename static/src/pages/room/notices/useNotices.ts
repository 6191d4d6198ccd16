/** What those who keep the room tell everybody: one pinned notice, and announcements that show for a while. */
import { onScopeDispose, shallowRef } from 'vue'
import type { ChannelPart } from '@/composables/useChannel'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import type { Entry, NoticeAck, NoticeIn, NoticeUnpinIn } from '@/protocol'

export interface Notice {
  id: string
  text: string
  name: string
}

/** ms that an announcement stays, unless it is put away. */
const STAYS = 20_000
/** ms after which it is no news any more for whoever comes late. */
const NEWS = 30_000

export type Notices = ReturnType<typeof useNotices>

export function useNotices(broadcastId: string) {
  const { live, clock } = useContext()
  const pinned = shallowRef<Notice | null>(null)
  const announced = shallowRef<Notice | null>(null)
  /** Those that were seen here: a snapshot tells of the last one again and again. */
  const seen = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function announce(entry: Entry): void {
    const notice = noticeOf(entry)
    if (seen.has(notice.id)) return
    seen.add(notice.id)
    announced.value = notice
    clearTimeout(timer)
    timer = setTimeout(put, STAYS)
  }

  /** Put the announcement away. */
  function put(): void {
    clearTimeout(timer)
    announced.value = null
  }

  const part: ChannelPart = {
    snapshot(parts) {
      const { pinned: kept, announced: last } = (parts['notices'] ?? {}) as { pinned?: Entry | null; announced?: Entry | null }
      pinned.value = kept ? noticeOf(kept) : null
      if (last && clock.now() - Date.parse(last.at) < NEWS) announce(last)
    },
    entries(entries) {
      for (const entry of entries) {
        if (entry.type === 'notice.pinned') pinned.value = noticeOf(entry)
        else if (entry.type === 'notice.unpinned') pinned.value = null
        else if (entry.type === 'notice.announced') announce(entry)
      }
    },
  }

  /** Rejects with the reason in words. */
  async function say(event: 'notice.pin' | 'notice.announce', text: string): Promise<void> {
    const notice: NoticeIn = { broadcast: broadcastId, text, client_id: newId() }
    await live.write<NoticeAck>(event, notice)
  }

  async function unpin(): Promise<void> {
    if (pinned.value === null) return
    const asked: NoticeUnpinIn = { notice: pinned.value.id, client_id: newId() }
    await live.write('notice.unpin', asked)
  }

  onScopeDispose(put)
  return { part, pinned, announced, put, say, unpin }
}

function noticeOf({ data, by }: Entry): Notice {
  const { id, text } = data as { id: string; text: string }
  return { id, text, name: by?.name ?? '' }
}
