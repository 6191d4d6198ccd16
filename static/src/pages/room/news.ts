/**
 * What the channel tells of the broadcast itself, put into what the page shows without asking anybody: a change reaches thousands of
 * pages at once. Only what the news do not hold is asked for, and those pages spread their questions over some seconds.
 */
import type { Broadcast } from '@/api'
import type { BroadcastHandle } from '@/composables/useBroadcast'
import type { ChannelPart } from '@/composables/useChannel'

/** ms over which the pages of all viewers spread; where it begins people wait for the picture. */
const SPREAD = 6_000
const SPREAD_AT_BEGINNING = 1_500

type News = Partial<Pick<Broadcast, 'state' | 'title' | 'starts_at' | 'live_at' | 'interrupted_at' | 'ended_at' | 'comment_mode' | 'muted' | 'slow_seconds' | 'visitors_comment'>> & {
  replay_published?: boolean
  recording?: string
}

type Handle = Pick<BroadcastHandle, 'broadcast' | 'apply' | 'reload'>

export function newsOf({ broadcast, apply, reload }: Handle, chance: () => number = Math.random): { part: ChannelPart; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Whether there is a replay, as far as the news have told: what belongs to it is asked for. */
  let kept = ''

  function later(most: number): void {
    timer ??= setTimeout(() => {
      timer = undefined
      void reload()
    }, Math.round(chance() * most))
  }

  function take({ replay_published: published, recording, ...fields }: News, at?: string): void {
    const before = broadcast.value
    if (before === null) return
    const told = `${published ?? ''} ${recording ?? ''}`
    const more = kept !== '' && kept !== told
    kept = told
    // Viewers are told nothing of a rehearsal; whoever sees it knows more than the news.
    const { state, ...others } = fields
    const shown: Partial<Broadcast> = state === undefined || (state === 'scheduled' && before.state === 'rehearsal') ? others : fields
    apply(shown, at)
    if (shown.state !== undefined && shown.state !== before.state) later(shown.state === 'live' ? SPREAD_AT_BEGINNING : SPREAD)
    else if (more) later(SPREAD)
  }

  const part: ChannelPart = {
    snapshot(parts) {
      take(parts['broadcast'] ?? {})
    },
    entries(entries) {
      for (const { type, data, at } of entries) if (type.startsWith('broadcast.')) take(data, at)
    },
    signals({ viewers }) {
      if (typeof viewers === 'number') apply({ viewers })
    },
  }
  return {
    part,
    stop: () => {
      clearTimeout(timer)
    },
  }
}
