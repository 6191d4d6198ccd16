/**
 * What a member is writing in a room, and what the server has not acknowledged yet: kept over a reload, in this tab alone. It goes
 * when its member signs out and when somebody else signs in; a session that merely ended leaves it for its owner's return.
 */
import type { CommentIn } from '@/protocol'

export const PREFIX = 'hongbo.unsent.'

/** What makes a writing one: what else it says is its kind's. */
interface Writing {
  broadcast: string
  text: string
  client_id: string
}

/** A comment, or another writing, without the server's yes. */
export interface Unsent<Write extends Writing = CommentIn> {
  comment: Write
  /** Why the server has refused it, in words; empty while it may still go out. */
  reason: string
}

interface Kept<Write extends Writing> {
  draft: string
  unsent: Unsent<Write>[]
}

export type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/** `broadcast` may be any name of a place that one writes in. */
export class UnsentStore<Write extends Writing = CommentIn> {
  private readonly key: string

  constructor(
    member: string,
    broadcast: string,
    private readonly storage: Store | null = tabStore(),
  ) {
    this.key = `${PREFIX}${member}.${broadcast}`
  }

  /** What stands in the composer. */
  get draft(): string {
    return this.read().draft
  }

  set draft(draft: string) {
    this.write({ ...this.read(), draft })
  }

  /** In the order in which they were written. */
  get unsent(): Unsent<Write>[] {
    return this.read().unsent
  }

  /** Keep it, in its place if it is known already. */
  keep(comment: Write, reason = ''): void {
    const { draft, unsent } = this.read()
    const known = unsent.some((each) => each.comment.client_id === comment.client_id)
    const kept = { comment, reason }
    this.write({ draft, unsent: known ? unsent.map((each) => (each.comment.client_id === comment.client_id ? kept : each)) : [...unsent, kept] })
  }

  /** It is durable, or its writer has given it up. */
  drop(clientId: string): void {
    const { draft, unsent } = this.read()
    this.write({ draft, unsent: unsent.filter((each) => each.comment.client_id !== clientId) })
  }

  // Read afresh each time: another page of the same tab may have had its answer meanwhile.
  private read(): Kept<Write> {
    try {
      const kept = JSON.parse(this.storage?.getItem(this.key) ?? '{}') as Partial<Kept<Write>> | null
      return {
        draft: typeof kept?.draft === 'string' ? kept.draft : '',
        unsent: Array.isArray(kept?.unsent) ? kept.unsent.filter((each) => isUnsent(each)) : [],
      }
    } catch {
      return { draft: '', unsent: [] }
    }
  }

  private write(kept: Kept<Write>): void {
    try {
      if (kept.draft === '' && kept.unsent.length === 0) this.storage?.removeItem(this.key)
      else this.storage?.setItem(this.key, JSON.stringify(kept))
    } catch {
      // Full or refused: then it lasts as long as the page.
    }
  }
}

/** Remove what others have left in this tab; everybody's where nobody is named. */
export function forgetUnsent(except: string | null, storage: Storage | null = tabStore()): void {
  if (storage === null) return
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index))
  for (const key of keys) {
    if (key?.startsWith(PREFIX) === true && (except === null || !key.startsWith(`${PREFIX}${except}.`))) storage.removeItem(key)
  }
}

function isUnsent(entry: unknown): entry is Unsent {
  const { comment, reason } = (entry ?? {}) as Partial<Unsent>
  return typeof reason === 'string' && typeof comment?.client_id === 'string' && typeof comment.text === 'string' && typeof comment.broadcast === 'string'
}

export function tabStore(): Storage | null {
  try {
    return sessionStorage
  } catch {
    return null
  }
}
