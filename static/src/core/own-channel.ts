/**
 * What the person before the screen alone is told: the channel `member:<id>`, followed once for everybody on the page who wants a
 * part of it, and only while somebody does.
 */
import { onScopeDispose, watch } from 'vue'
import type { Connection, Follower } from '@/protocol'
import { useContext } from './context'
import type { Session } from './session'

export class OwnChannel {
  private readonly parts = new Set<Follower>()
  private id: string | undefined
  private stop: () => void = () => undefined

  constructor(
    session: Session,
    private readonly live: Connection,
  ) {
    this.id = session.speaker.value?.id
    watch(
      () => session.speaker.value?.id,
      (id) => {
        this.stop()
        this.id = id
        this.follow()
      },
    )
  }

  /** Gives the way out. Whoever joins hears the snapshot, and so does everybody else once more. */
  join(part: Follower): () => void {
    this.parts.add(part)
    this.follow()
    return () => {
      this.parts.delete(part)
      if (this.parts.size === 0) this.stop()
    }
  }

  private follow(): void {
    if (this.id === undefined || this.parts.size === 0) return
    const tell = (say: (part: Follower) => void) => {
      this.parts.forEach(say)
    }
    this.stop = this.live.follow(`member:${this.id}`, {
      snapshot: (state, at) => { tell((part) => { part.snapshot(state, at) }) },
      entries: (entries) => { tell((part) => { part.entries(entries) }) },
      signals: (values) => { tell((part) => part.signals?.(values)) },
      refused: (reason) => { tell((part) => part.refused?.(reason)) },
    })
  }
}

export function useOwnChannel(part: Follower): void {
  onScopeDispose(useContext().own.join(part))
}
