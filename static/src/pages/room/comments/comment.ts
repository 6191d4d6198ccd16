/** A comment as it is shown, whether the journal tells of it or only this page knows it yet. */
import type { Entry } from '@/protocol'

export interface Comment {
  /** For the list's keys; of one's own writing its client id. */
  key: string
  /** 0 while the journal does not tell of it. */
  offset: number
  text: string
  name: string
  badge: string | null
  mine: boolean
  state: 'posted' | 'sending' | 'failed'
  /** Why it failed, in words. */
  reason: string
}

export const POSTED = 'comment.posted'

/** `me`: the id of whoever sits before the screen. */
export function shownAs(entry: Entry, me: string | null): Comment {
  const { text } = entry.data as { text: string }
  const by = entry.by as { id: string; name: string; badge?: string | null } | null | undefined
  return {
    key: `o${entry.offset}`,
    offset: entry.offset,
    text,
    name: by?.name ?? '',
    badge: by?.badge ?? null,
    mine: me !== null && by?.id === me,
    state: 'posted',
    reason: '',
  }
}

/** As the server keeps a text, near enough to know one's own words again. */
export function squeezed(text: string): string {
  return text.normalize('NFC').replace(/\s+/g, ' ').trim()
}
