/** Where a member stopped in a replay: kept on this device, for each member apart, for the last fifty replays. */
const KEY = 'hongbo.replay'
const KEPT = 50
/** s: not worth returning to */
const JUST_BEGUN = 15
const NEARLY_OVER = 20

type Kept = [id: string, position: number][]

export class ReplayMemory {
  private readonly key: string

  /** `member` is null for a visitor. */
  constructor(
    member: string | null,
    private readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null = localStore(),
  ) {
    this.key = `${KEY}.${member ?? 'visitor'}`
  }

  /** Seconds; null if there is nothing to return to. */
  load(id: string): number | null {
    return this.read().find(([kept]) => kept === id)?.[1] ?? null
  }

  save(id: string, position: number, duration: number): void {
    const others = this.read().filter(([kept]) => kept !== id)
    const worth = position > JUST_BEGUN && position < duration - NEARLY_OVER
    const all: Kept = worth ? [[id, Math.floor(position)], ...others] : others
    try {
      this.storage?.setItem(this.key, JSON.stringify(all.slice(0, KEPT)))
    } catch {
      // Full or refused: then it is not remembered.
    }
  }

  private read(): Kept {
    try {
      const kept: unknown = JSON.parse(this.storage?.getItem(this.key) ?? '[]')
      return Array.isArray(kept) ? kept.filter(isKept) : []
    } catch {
      return []
    }
  }
}

function isKept(entry: unknown): entry is Kept[number] {
  return Array.isArray(entry) && typeof entry[0] === 'string' && Number.isFinite(entry[1])
}

function localStore(): Storage | null {
  try {
    return localStorage
  } catch {
    return null
  }
}
