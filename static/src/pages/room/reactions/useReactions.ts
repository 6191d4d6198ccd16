/**
 * Reactions on a page. Own taps show at once and go out in batches about once a second, each under its own client id, so that a batch
 * that is sent again counts once; those of others come as totals, and what they have grown by is shown as bursts.
 */
import { showToast } from 'vant'
import { onScopeDispose, ref } from 'vue'
import type { ChannelPart } from '@/composables/useChannel'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import { Refused, type ReactIn } from '@/protocol'
import { ORDER, type Kind } from './kinds'
import { Tally } from './tally'

const EVERY = 1_000
const MOST = 50
/** Taps a second that count, as the server bounds them; a finger is no faster for long. */
const PER_SECOND = 18
const CHOSEN = 'hongbo.reaction'
const STILL = 'hongbo.bursts'

export type Burst = (kind: Kind, count: number) => void
export type Reactions = ReturnType<typeof useReactions>

export function useReactions(broadcastId: string) {
  const { live } = useContext()
  const tally = new Tally()
  const sum = ref(0)
  const kind = ref<Kind>(remembered())
  /** Whether bursts are shown; a number is in any case. */
  const bursts = ref(recall(STILL) !== 'off')
  const listeners = new Set<Burst>()
  const waiting = new Map<Kind, number>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let since = 0
  let taken = 0

  function show(): void {
    sum.value = tally.sum
  }

  function tap(which: Kind = kind.value): void {
    const now = Date.now()
    if (now - since >= EVERY) [since, taken] = [now, 0]
    if ((taken += 1) > PER_SECOND) return
    tally.tap(which)
    waiting.set(which, (waiting.get(which) ?? 0) + 1)
    for (const burst of listeners) burst(which, 1)
    timer ??= setTimeout(send, EVERY)
    show()
  }

  function send(): void {
    clearTimeout(timer)
    timer = undefined
    for (const [which, all] of waiting) {
      for (let left = all; left > 0; left -= MOST) void deliver(which, Math.min(left, MOST))
    }
    waiting.clear()
  }

  async function deliver(which: Kind, count: number): Promise<void> {
    const batch: ReactIn = { broadcast: broadcastId, kind: which, count, client_id: newId() }
    try {
      await live.write('react', batch)
    } catch (reason) {
      tally.refuse(which, count)
      show()
      if (reason instanceof Refused && reason.code !== 'dropped') showToast(reason.message)
    }
  }

  const part: ChannelPart = {
    snapshot: () => undefined,
    entries: () => undefined,
    signals({ reactions }) {
      if (typeof reactions !== 'object' || reactions === null) return
      const others = tally.tell(reactions)
      for (const which of ORDER) for (const burst of listeners) if (others[which] !== undefined) burst(which, others[which])
      show()
    },
  }

  function choose(which: Kind): void {
    kind.value = which
    keep(CHOSEN, which)
  }

  function setBursts(on: boolean): void {
    bursts.value = on
    keep(STILL, on ? 'on' : 'off')
  }

  /** Hear of taps, one's own and others'; gives the way to stop. */
  function onBurst(burst: Burst): () => void {
    listeners.add(burst)
    return () => listeners.delete(burst)
  }

  onScopeDispose(send)
  return { part, sum, kind, bursts, tap, choose, setBursts, onBurst }
}

function remembered(): Kind {
  const kept = recall(CHOSEN)
  return ORDER.find((kind) => kind === kept) ?? 'like'
}

function recall(key: string): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // Refused: then it lasts as long as the page.
  }
}
