/** Where somebody stopped in a replay, kept on this device for the last fifty. */
const KEY = 'hongbo.replay'
const KEPT = 50
/** s: not worth returning to */
const JUST_BEGUN = 15
const NEARLY_OVER = 20

type Kept = [id: string, position: number][]

export class ReplayMemory {
  constructor(private readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null = localStore()) {}

  load(id: string): number | null {
    return this.read().find(([kept]) => kept === id)?.[1] ?? null
  }

  save(id: string, position: number, duration: number): void {
    const others = this.read().filter(([kept]) => kept !== id)
    const worth = position > JUST_BEGUN && position < duration - NEARLY_OVER
    const all: Kept = worth ? [[id, Math.floor(position)], ...others] : others
    try {
      this.storage?.setItem(KEY, JSON.stringify(all.slice(0, KEPT)))
    } catch {
      // Full or refused: then it is not remembered.
    }
  }

  private read(): Kept {
    try {
      const kept: unknown = JSON.parse(this.storage?.getItem(KEY) ?? '[]')
      return Array.isArray(kept) ? (kept as Kept) : []
    } catch {
      return []
    }
  }
}

function localStore(): Storage | null {
  try {
    return localStorage
  } catch {
    return null
  }
}
