/**
 * The secretary's nonces, from the moment a round is prepared until its list is closed: in the browser's own database, so that a reload
 * does not make the round void. Nobody else may know one before that, the server included.
 */
import { hex, sha256 } from '../proof/bytes'

export interface Nonces {
  /** A fresh one; gives its commitment. Kept before anybody hears of it. */
  make: (shake: string) => Promise<{ commitment: string; lasting: boolean }>
  /** The nonce (in hex) of a commitment; null where this browser does not have it. */
  find: (commitment: string) => Promise<string | null>
  drop: (commitment: string) => Promise<void>
}

interface Kept {
  commitment: string
  nonce: string
  shake: string
  at: number
}

const NAME = 'hongbo-shake'
const STORE = 'nonces'
const LONGEST = 30 * 86_400_000 // ms; what is older belongs to a session that is long over

export function createNonces(now: () => number = () => Date.now()): Nonces {
  /** Where the browser keeps nothing: as long as the page lives. */
  const memory = new Map<string, Kept>()

  async function make(shake: string): Promise<{ commitment: string; lasting: boolean }> {
    const bytes = crypto.getRandomValues(new Uint8Array(32))
    const kept: Kept = { commitment: hex(await sha256(bytes)), nonce: hex(bytes), shake, at: now() }
    memory.set(kept.commitment, kept)
    const lasting = await inStore('readwrite', (store) => store.put(kept)).then(() => true, () => false)
    if (lasting) await forgetOld(now() - LONGEST).catch(() => undefined)
    return { commitment: kept.commitment, lasting }
  }

  async function find(commitment: string): Promise<string | null> {
    const known = memory.get(commitment)
    if (known !== undefined) return known.nonce
    const kept = await inStore<Kept | undefined>('readonly', (store) => store.get(commitment) as IDBRequest<Kept | undefined>).catch(() => undefined)
    return kept?.nonce ?? null
  }

  async function drop(commitment: string): Promise<void> {
    memory.delete(commitment)
    await inStore('readwrite', (store) => store.delete(commitment)).catch(() => undefined)
  }

  return { make, find, drop }
}

async function forgetOld(before: number): Promise<void> {
  const all = await inStore<Kept[]>('readonly', (store) => store.getAll() as IDBRequest<Kept[]>)
  for (const { commitment, at } of all) if (at < before) await inStore('readwrite', (store) => store.delete(commitment))
}

async function inStore<Value>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<Value>): Promise<Value> {
  const database = await opened()
  try {
    return await new Promise<Value>((resolve, reject) => {
      const transaction = database.transaction(STORE, mode)
      const request = work(transaction.objectStore(STORE))
      transaction.oncomplete = () => {
        resolve(request.result)
      }
      transaction.onabort = transaction.onerror = () => {
        reject(transaction.error ?? new Error('the browser kept nothing'))
      }
    })
  } finally {
    database.close()
  }
}

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    if (typeof indexedDB === 'undefined') {
      reject(new Error('this browser has no database'))
      return
    }
    const request = indexedDB.open(NAME, 1)
    request.onupgradeneeded = () => {
      request.result.createObjectStore(STORE, { keyPath: 'commitment' })
    }
    request.onsuccess = () => {
      resolve(request.result)
    }
    request.onerror = request.onblocked = () => {
      reject(request.error ?? new Error('the browser kept nothing'))
    }
  })
}
