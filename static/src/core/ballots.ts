/**
 * What a member chose in a room's polls, as this tab remembers it, and votes the server has not acknowledged yet. The server forgets
 * who chose what when a poll closes; only this tab can still mark the own choice then. It goes with the rest that a tab keeps for
 * its member (see unsent.ts).
 */
import { PREFIX, tabStore, type Store } from './unsent'

export interface Ballot {
  options: number[]
  /** The client id of a vote without the server's yes; '' once it has it. */
  pending: string
}

export class BallotStore {
  private readonly key: string

  constructor(
    member: string,
    broadcast: string,
    private readonly storage: Store | null = tabStore(),
  ) {
    this.key = `${PREFIX}${member}.${broadcast}.polls`
  }

  read(): Map<string, Ballot> {
    try {
      const kept = JSON.parse(this.storage?.getItem(this.key) ?? '{}') as Record<string, Partial<Ballot>> | null
      const ballots = Object.entries(kept ?? {}).filter(([, each]) => Array.isArray(each.options) && typeof each.pending === 'string')
      return new Map(ballots as [string, Ballot][])
    } catch {
      return new Map()
    }
  }

  write(ballots: ReadonlyMap<string, Ballot>): void {
    try {
      this.storage?.setItem(this.key, JSON.stringify(Object.fromEntries(ballots)))
    } catch {
      // Full or refused: then it lasts as long as the page.
    }
  }
}
