/** A code that was scanned without a network: kept on the phone with its time, until the server has it. */

export interface KeptCode {
  code: string
  at: string
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

export class KeptCodes {
  private readonly key: string

  constructor(member: string, activity: string, private readonly storage: Store | null = browserStore()) {
    this.key = `hongbo.checkin.${member}.${activity}`
  }

  get(): KeptCode | null {
    try {
      const kept: unknown = JSON.parse(this.storage?.getItem(this.key) ?? 'null')
      if (typeof kept !== 'object' || kept === null || !('code' in kept) || !('at' in kept)) return null
      return typeof kept.code === 'string' && typeof kept.at === 'string' ? { code: kept.code, at: kept.at } : null
    } catch {
      return null
    }
  }

  /** False where the browser refuses to keep anything. */
  keep(kept: KeptCode): boolean {
    try {
      this.storage?.setItem(this.key, JSON.stringify(kept))
      return this.storage !== null
    } catch {
      return false
    }
  }

  forget(): void {
    try {
      this.storage?.removeItem(this.key)
    } catch {
      // Refused: then there was nothing.
    }
  }
}

function browserStore(): Store | null {
  try {
    return localStorage
  } catch {
    return null
  }
}
