/** One's own comments that wait for a moderator, or were turned down: in their places by time among those everybody sees. Pure. */
import type { OwnHeld } from '@/api'
import { squeezed, type Comment } from './comment'

export class Review {
  private items: readonly OwnHeld[] = []
  /** Ids of one's own comments that the journal tells of. */
  private readonly said = new Set<string>()

  constructor(private readonly scope: string) {}

  /** The newest of what was held, decided or not, perhaps as it was a while ago. What was approved is the journal's to tell. */
  begin(latest: readonly OwnHeld[]): void {
    this.items = latest.filter((each) => this.concerns(each) && !this.said.has(each.id) && (each.state === 'held' || each.state === 'rejected'))
  }

  /** Held, or decided on; gives it back where it was turned down just now. */
  heard(held: OwnHeld): OwnHeld | null {
    if (!this.concerns(held)) return null
    const before = this.items.find(({ id }) => id === held.id)
    const others = this.items.filter(({ id }) => id !== held.id)
    const over = held.state === 'withdrawn' || (held.state === 'approved' && this.said.has(held.id))
    this.items = over ? others : [...others, held].sort((one, other) => (one.id < other.id ? -1 : 1))
    return held.state === 'rejected' && before?.state !== 'rejected' ? held : null
  }

  /** The answer to one's writing says that it waits; the journal may have said so, and more, before. */
  waits(held: OwnHeld): void {
    if (!this.items.some(({ id }) => id === held.id) && !this.said.has(held.id)) this.heard(held)
  }

  /** The journal tells of these. */
  told(comments: readonly Comment[]): void {
    for (const { id, mine } of comments) {
      if (!mine) continue
      this.said.add(id)
      if (this.items.some((each) => each.id === id)) this.items = this.items.filter((each) => each.id !== id)
    }
  }

  discard(id: string): void {
    this.items = this.items.filter((each) => each.id !== id)
  }

  clear(): void {
    this.items = []
    this.said.clear()
  }

  /** `shown` with one's own in their places; those that belong before or after what is on the screen are left out. */
  among(shown: readonly Comment[], own: readonly Comment[], { atStart, detached }: { atStart: boolean; detached: boolean }, name: string): Comment[] {
    const sending = new Set(own.filter(({ state }) => state === 'sending').map(({ text }) => squeezed(text)))
    const all = [...shown]
    for (const item of this.items) {
      // Until the answer says which is which, only one of the two is shown.
      if (item.state === 'held' && sending.has(squeezed(item.text))) continue
      const at = all.findIndex((each) => each.at > item.at)
      const earlier = at === 0 && !atStart
      if (!earlier && !(at < 0 && detached)) all.splice(at < 0 ? all.length : at, 0, asComment(item, name))
    }
    return all
  }

  private concerns({ scope, kind }: OwnHeld): boolean {
    return scope === this.scope && kind === 'comment'
  }
}

function asComment(held: OwnHeld, name: string): Comment {
  return {
    key: `h${held.id}`,
    offset: 0,
    id: held.id,
    text: held.text,
    at: held.at,
    mediaAt: null,
    answers: held.reply_name ?? '',
    removed: '',
    author: '',
    name,
    badge: null,
    mine: true,
    state: held.state === 'rejected' ? 'rejected' : held.state === 'approved' ? 'posted' : 'held',
    reason: held.reason,
  }
}
