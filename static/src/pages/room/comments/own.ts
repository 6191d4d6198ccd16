/** One's own writing that the journal does not tell of yet, as it stands below what the journal tells. Pure. */
import type { Comment } from './comment'
import { squeezed } from './comment'

interface Writing {
  comment: Comment
  /** The journal's head when it was written: its entry lies above. */
  since: number
  /** The entry that looks like it; until the server's answer says whether it is, only one of the two is shown. */
  twin: number
}

export class Own {
  private writings: Writing[] = []

  get comments(): Comment[] {
    return this.writings.filter(({ twin }) => twin === 0).map(({ comment }) => comment)
  }

  /** It is on its way, for the first time or again. */
  sending(key: string, text: string, name: string, since: number, answers = ''): void {
    const comment: Comment = { key, offset: 0, id: '', text, at: '', mediaAt: null, answers, removed: '', author: '', name, badge: null, mine: true, state: 'sending', reason: '' }
    const known = this.writings.find((each) => each.comment.key === key)
    if (known === undefined) this.writings.push({ comment, since, twin: 0 })
    else known.comment = comment
  }

  failed(key: string, reason: string): void {
    this.change(key, (writing) => {
      writing.comment = { ...writing.comment, state: 'failed', reason }
      writing.twin = 0
    })
  }

  /** Durable. Its entry may have come before or may come after; `head` is how far the journal has told. */
  acknowledged(key: string, offset: number, head: number): void {
    this.change(key, (writing) => {
      writing.comment = { ...writing.comment, state: 'posted', offset }
      writing.twin = 0
    })
    this.told([], head)
  }

  /** The journal has told of these, and is at `head`. */
  told(comments: readonly Comment[], head: number): void {
    this.writings = this.writings.filter(({ comment }) => comment.state !== 'posted' || comment.offset > head)
    for (const entry of comments) {
      if (!entry.mine) continue
      const twin = this.writings.find(
        ({ comment, since, twin: other }) => comment.state === 'sending' && other === 0 && since < entry.offset && squeezed(comment.text) === squeezed(entry.text),
      )
      if (twin !== undefined) twin.twin = entry.offset
    }
  }

  discard(key: string): void {
    this.writings = this.writings.filter(({ comment }) => comment.key !== key)
  }

  clear(): void {
    this.writings = []
  }

  private change(key: string, change: (writing: Writing) => void): void {
    const writing = this.writings.find(({ comment }) => comment.key === key)
    if (writing !== undefined) change(writing)
  }
}
