/**
 * The keys of talks on this device: kept in the browser's database, where they can be used and not taken out. They go when the talk
 * is deleted, when their owner keeps nothing of it, and when somebody signs out here.
 *
 * Every change is one transaction of the database, so that two tabs of one browser are one device: they have the same pair, and never
 * give two messages the same number.
 */
import type { RoundState } from './exchange'

export interface KeptRound extends RoundState {
  /** The number of the last thing that was sealed under these keys: it only grows, whatever becomes of what was sealed. */
  sent: number
  /** Numbers of what the server has refused, of which the other page is still to be told. Not there in what an earlier version kept. */
  skipped?: number[]
  /** Somebody has compared the code with the other one. */
  checked: boolean
  /** Somebody has found that it was another one: nothing under these keys is to be trusted, ever. */
  refused?: boolean
  /** Ids of earlier messages that were sealed anew for the other side's new device. */
  passed: string[]
}

/** A sealed message that the server has not acknowledged. */
export interface Outgoing {
  write: { client_id: string; [field: string]: unknown }
  /** ms since the epoch. */
  at: number
  /** Why it was refused, in words; '' while it may still go out. */
  reason: string
}

export interface KeptTalk {
  talk: string
  owner: string
  device: string
  rounds: Record<number, KeptRound>
  /** How many pairs were made for it. */
  pairs?: number
  outgoing: Outgoing[]
}

export interface Keeper {
  /** False where the browser keeps nothing: a reload then needs a new code. */
  readonly lasting: boolean
  read: (talk: string) => Promise<KeptTalk | undefined>
  /** `change` gets what is kept, and gives what is to be kept; it must not wait for anything. Gives back what it gave. */
  update: (talk: string, change: (kept: KeptTalk | undefined) => KeptTalk) => Promise<KeptTalk>
  forget: (talk: string) => Promise<void>
  /** Of everybody but `except`. */
  forgetOthers: (except: string | null) => Promise<void>
  /** Talks of `owner` that there are keys of. */
  talks: (owner: string) => Promise<string[]>
}

const NAME = 'hongbo-talks'
const STORE = 'talks'

/** For a browser that keeps nothing, and for tests. */
export class MemoryKeeper implements Keeper {
  readonly lasting = false
  private readonly kept = new Map<string, KeptTalk>()

  read = (talk: string): Promise<KeptTalk | undefined> => Promise.resolve(this.kept.get(talk))

  update = (talk: string, change: (kept: KeptTalk | undefined) => KeptTalk): Promise<KeptTalk> => {
    const changed = change(this.kept.get(talk))
    this.kept.set(talk, changed)
    return Promise.resolve(changed)
  }

  forget = (talk: string): Promise<void> => {
    this.kept.delete(talk)
    return Promise.resolve()
  }

  forgetOthers = (except: string | null): Promise<void> => {
    for (const { talk, owner } of [...this.kept.values()]) if (owner !== except) this.kept.delete(talk)
    return Promise.resolve()
  }

  talks = (owner: string): Promise<string[]> => Promise.resolve([...this.kept.values()].filter((each) => each.owner === owner).map(({ talk }) => talk))
}

class DatabaseKeeper implements Keeper {
  readonly lasting = true

  constructor(private readonly database: IDBDatabase) {}

  read = (talk: string): Promise<KeptTalk | undefined> => this.with('readonly', (store) => store.get(talk) as IDBRequest<KeptTalk | undefined>)

  update = (talk: string, change: (kept: KeptTalk | undefined) => KeptTalk): Promise<KeptTalk> =>
    new Promise((resolve, reject) => {
      // On the disk, not only on its way there: after a loss of power a number would be given a second time.
      const transaction = this.database.transaction(STORE, 'readwrite', { durability: 'strict' })
      const store = transaction.objectStore(STORE)
      const found = store.get(talk) as IDBRequest<KeptTalk | undefined>
      let changed: KeptTalk
      found.onsuccess = () => {
        changed = change(found.result)
        store.put(changed)
      }
      transaction.oncomplete = () => {
        resolve(changed)
      }
      transaction.onabort = transaction.onerror = () => {
        reject(transaction.error ?? new Error('not kept'))
      }
    })

  forget = async (talk: string): Promise<void> => {
    await this.with('readwrite', (store) => store.delete(talk))
  }

  forgetOthers = async (except: string | null): Promise<void> => {
    const all = await this.all()
    for (const { talk, owner } of all) if (owner !== except) await this.forget(talk)
  }

  talks = async (owner: string): Promise<string[]> => (await this.all()).filter((each) => each.owner === owner).map(({ talk }) => talk)

  private all(): Promise<KeptTalk[]> {
    return this.with('readonly', (store) => store.getAll() as IDBRequest<KeptTalk[]>)
  }

  private with<Result>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const transaction = this.database.transaction(STORE, mode)
      const request = work(transaction.objectStore(STORE))
      transaction.oncomplete = () => {
        resolve(request.result)
      }
      transaction.onabort = transaction.onerror = () => {
        reject(transaction.error ?? new Error('not kept'))
      }
    })
  }
}

/** Where the browser has no database, or refuses it to a private window, the page's memory stands in. */
export async function openKeeper(): Promise<Keeper> {
  try {
    return new DatabaseKeeper(await opened())
  } catch {
    return new MemoryKeeper()
  }
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1)
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore(STORE, { keyPath: 'talk' })
    }
    asked.onsuccess = () => {
      resolve(asked.result)
    }
    asked.onerror = () => {
      reject(asked.error ?? new Error('no database'))
    }
  })
}

/** Somebody signs out, or somebody else signs in: what others have kept on this device can be read by nobody any more. */
export async function forgetKeys(except: string | null): Promise<void> {
  if (typeof indexedDB === 'undefined') return
  await (await openKeeper()).forgetOthers(except)
}

/** How many talks there are keys of on this device. */
export async function keptTalks(owner: string): Promise<number> {
  if (typeof indexedDB === 'undefined') return 0
  return (await (await openKeeper()).talks(owner)).length
}
