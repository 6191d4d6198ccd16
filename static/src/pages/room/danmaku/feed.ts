/** Where the comments over a picture come from: a live channel, or the stretch of a recording around its picture. */
import type { ChannelPart } from '@/composables/useChannel'
import type { Entry } from '@/protocol'
import { POSTED, REMOVED, shownAs, type Comment, type Removal } from '../comments/comment'

export interface Sink {
  /** All that is known around the picture. */
  known: (comments: readonly Comment[]) => void
  /** Told of just now; `fresh`: it was said just now too. */
  said: (comment: Comment, fresh: boolean) => void
  gone: (offset: number) => void
}

/** ms; what reaches us later than this after it was written was missed, and is not made up for */
const FRESH = 15_000
const KEPT = 200

export class DanmakuFeed {
  private recent: readonly Comment[] = []
  private sink: Sink | null = null

  constructor(
    private readonly me: () => string | null,
    /** The server's clock, ms since the epoch. */
    private readonly now: () => number,
  ) {}

  readonly part: ChannelPart = {
    snapshot: (state) => {
      const latest = (state['comments'] as { latest: Entry[] } | undefined)?.latest ?? []
      this.around(sorted(this.comments(latest)))
    },
    entries: (entries) => {
      for (const comment of this.comments(entries)) {
        this.recent = [...this.recent, comment].slice(-KEPT)
        const entry = entries.find(({ offset }) => offset === comment.offset)
        this.sink?.said(comment, this.now() - Date.parse(entry?.at ?? '') < FRESH)
      }
      this.removals(entries)
    },
  }

  /** For a recording, where nothing new is said: only what is taken back is of interest. */
  readonly removalsOnly: ChannelPart = {
    snapshot: () => undefined,
    entries: (entries) => {
      this.removals(entries)
    },
  }

  /** In the order of their moments. */
  around(comments: readonly Comment[]): void {
    this.recent = comments
    this.sink?.known(comments)
  }

  /** Tells `sink` from now on, beginning with what is known. Answers how to stop. */
  attach(sink: Sink): () => void {
    this.sink = sink
    sink.known(sorted(this.recent))
    return () => {
      if (this.sink === sink) this.sink = null
    }
  }

  private comments(entries: readonly Entry[]): Comment[] {
    return entries.filter(({ type, media_at: at }) => type === POSTED && at != null).map((entry) => shownAs(entry, this.me())).filter(({ removed }) => removed === '')
  }

  private removals(entries: readonly Entry[]): void {
    for (const { type, data } of entries) {
      if (type !== REMOVED) continue
      const { redacts } = data as unknown as Removal
      this.recent = this.recent.filter(({ offset }) => offset !== redacts)
      this.sink?.gone(redacts)
    }
  }
}

function sorted(comments: readonly Comment[]): Comment[] {
  return [...comments].sort((a, b) => (a.mediaAt ?? 0) - (b.mediaAt ?? 0) || a.offset - b.offset)
}
