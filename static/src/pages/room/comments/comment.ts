/** A comment as it is shown, whether the journal tells of it or only this page knows it yet. */
import type { Entry } from '@/protocol'

export type Remover = 'author' | 'host' | 'moderator'

export interface Comment {
  /** For the list's keys; of one's own writing its client id. */
  key: string
  /** 0 while the journal does not tell of it. */
  offset: number
  /** '' while only this page knows it. */
  id: string
  text: string
  /** When it was said; '' while only this page knows it. */
  at: string
  /** The moment of the broadcast it belongs to, ms since the epoch; null while only this page knows it. */
  mediaAt: number | null
  /** Whom it answers; '' for nobody. */
  answers: string
  /** By whose right it was taken back; '' while it stands. */
  removed: '' | Remover
  /** Its author's id; '' where it is not known. */
  author: string
  name: string
  badge: string | null
  mine: boolean
  /** `held`: it waits for a moderator; `rejected`: it has waited in vain. Nobody else sees either. */
  state: 'posted' | 'sending' | 'failed' | 'held' | 'rejected'
  /** Why it failed or was rejected, in words. */
  reason: string
}

export const POSTED = 'comment.posted'
export const REMOVED = 'comment.removed'

/** `me`: the id of whoever sits before the screen. */
export function shownAs(entry: Entry, me: string | null): Comment {
  const { id, text, reply_name: answers, removed } = entry.data as { id: string; text?: string; reply_name?: string; removed?: Remover }
  const by = entry.by as { id: string; name: string; badge?: string | null } | null | undefined
  return {
    key: `o${entry.offset}`,
    offset: entry.offset,
    id,
    text: text ?? '',
    at: entry.at,
    mediaAt: entry.media_at == null ? null : Date.parse(entry.media_at),
    answers: answers ?? '',
    removed: removed ?? '',
    author: by?.id ?? '',
    name: by?.name ?? '',
    badge: by?.badge ?? null,
    mine: me !== null && by?.id === me,
    state: 'posted',
    reason: '',
  }
}

/** Of an entry that takes an earlier one back: the offset of that one, and what its data is from now on. */
export interface Removal {
  id: string
  redacts: number
  left: { removed: Remover }
}

/** What is left of a comment that was taken back. */
export function redacted(comment: Comment, by: Remover): Comment {
  return { ...comment, text: '', answers: '', author: '', name: '', badge: null, removed: by }
}

/** As the server keeps a text, near enough to know one's own words again. */
export function squeezed(text: string): string {
  return text.normalize('NFC').replace(/\s+/g, ' ').trim()
}
