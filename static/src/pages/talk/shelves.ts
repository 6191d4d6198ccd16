/** Where each talk stands in one's list. It stands once, where it is looked for: what runs, then what is to be done, then what was. */
import type { Talk } from '@/api'

export interface Shelves {
  open: Talk[]
  /** To be followed up, the most pressing first. */
  due: Talk[]
  /** The member would like to talk again. */
  wished: Talk[]
  past: Talk[]
}

/** `due` and `wished` may hold talks that `all`, which comes page by page, does not hold yet. */
export function shelved(all: readonly Talk[], due: readonly Talk[], wished: readonly Talk[]): Shelves {
  const taken = new Set<string>()
  const take = (talks: readonly Talk[]): Talk[] =>
    talks.filter(({ id }) => {
      const free = !taken.has(id)
      taken.add(id)
      return free
    })
  return { open: take(all.filter(({ state }) => state !== 'ended')), due: take(due), wished: take(wished), past: take(all) }
}
