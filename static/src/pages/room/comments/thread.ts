/** The comments on one screen: what the journal says, and below it one's own that it has not said yet. Pure. */
import type { Entry } from '@/protocol'

export interface Comment {
  /** Stable over a comment's whole life, for the list's keys. */
  key: string
  text: string
  name: string
  badge: string | null
  mine: boolean
  at: string
  state: 'posted' | 'sending' | 'failed'
  /** Why it failed, in words. */
  reason: string
}

const POSTED = 'comment.posted'
const MOST = 300

export class Thread {
  private posted: Comment[] = []
  private own: Comment[] = []

  constructor(private readonly me: string | null) {}

  get comments(): Comment[] {
    return [...this.posted, ...this.own]
  }

  /** A snapshot: all that was known is replaced; what is still being sent stays. */
  begin(entries: Entry[]): void {
    this.posted = []
    this.take(entries)
  }

  take(entries: Entry[]): void {
    for (const entry of entries) if (entry.type === POSTED) this.add(entry)
    if (this.posted.length > MOST) this.posted = this.posted.slice(-MOST)
  }

  sending(key: string, text: string, name: string): void {
    this.own.push({ key, text, name, badge: null, mine: true, at: '', state: 'sending', reason: '' })
  }

  failed(key: string, reason: string): void {
    const comment = this.own.find((each) => each.key === key)
    if (comment === undefined) return
    comment.state = 'failed'
    comment.reason = reason
  }

  /** Durable. Its entry may have come before or may come after. */
  acknowledged(key: string): void {
    this.own = this.own.filter((each) => each.key !== key)
  }

  discard(key: string): void {
    this.acknowledged(key)
  }

  private add(entry: Entry): void {
    const { text } = entry.data as { text: string }
    const { by } = entry
    const mine = this.me !== null && by?.id === this.me
    let key = `o${entry.offset}`
    if (mine) {
      // The entry of one's own comment takes the place of the pending one, so that it does not stand there twice.
      const index = this.own.findIndex((each) => each.state === 'sending' && squeezed(each.text) === squeezed(text))
      if (index >= 0) key = this.own.splice(index, 1)[0]?.key ?? key
    }
    this.posted.push({ key, text, name: by?.name ?? '', badge: by?.badge ?? null, mine, at: entry.at, state: 'posted', reason: '' })
  }
}

function squeezed(text: string): string {
  return text.normalize('NFC').replace(/\s+/g, ' ').trim()
}
