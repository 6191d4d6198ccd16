/** What its writer does not want to see any more, by id: kept in this browser, the newest few of each kind. */
const MOST = 60

export class Dismissed {
  constructor(
    private readonly key: string,
    private readonly storage: Pick<Storage, 'getItem' | 'setItem'> | null = browserStore(),
  ) {}

  get ids(): readonly string[] {
    try {
      const kept: unknown = JSON.parse(this.storage?.getItem(this.key) ?? '[]')
      return Array.isArray(kept) ? kept.filter((each) => typeof each === 'string') : []
    } catch {
      return []
    }
  }

  add(id: string): void {
    try {
      this.storage?.setItem(this.key, JSON.stringify([...this.ids.filter((each) => each !== id), id].slice(-MOST)))
    } catch {
      // Full or refused: then it lasts as long as the page.
    }
  }
}

function browserStore(): Storage | null {
  try {
    return localStorage
  } catch {
    return null
  }
}
