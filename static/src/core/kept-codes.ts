/**
 * Codes that were scanned without a network: kept on the phone with their time, and handed to the server from wherever in the app the
 * member is once there is a network, as claims that the person in charge decides on. A code is forgotten when the server has answered
 * it; a session that has ended, or a proxy that cannot reach the server, is no answer.
 */
import { onScopeDispose, ref, shallowRef, watch } from 'vue'
import { ApiError, type Api, type OwnClaim } from '@/api'
import type { Reach } from './reach'
import type { Session } from './session'

export interface KeptCode {
  code: string
  at: string
  /** Of the activity, for the words that tell what became of it. */
  title: string
}

/** What the server has said to one: a claim, or (in `refusal`) why there is none. */
export interface CodeAnswer {
  activity: string
  title: string
  claim: OwnClaim | null
  refusal: string
}

type Store = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>

const PREFIX = 'hongbo.checkin.'
const AGAIN = 30_000 // ms
/** Refusals that another try does not change. After any other, a session that has ended included, the code is still proof. */
const FINAL: ReadonlySet<number> = new Set([400, 409, 422])

export function createKeptCodes(api: Pick<Api, 'claimCheckIn'>, session: Session, reach: Reach, storage: Store | null = browserStore()) {
  /** By activity, of the member before the screen. */
  const waiting = shallowRef<Readonly<Record<string, KeptCode>>>({})
  const answers = shallowRef<Readonly<Record<string, CodeAnswer>>>({})
  /** Answers that nobody has looked at yet. */
  const news = ref<CodeAnswer[]>([])
  let sending: Promise<void> | null = null
  let timer: ReturnType<typeof setTimeout> | undefined

  const mine = (): string => `${PREFIX}${session.member.value?.id ?? ''}.`

  function read(): void {
    const found: Record<string, KeptCode> = {}
    for (const [activity, kept] of session.member.value === null ? [] : keptUnder(storage, mine())) found[activity] = kept
    waiting.value = found
  }

  function keep(activity: string, kept: KeptCode): boolean {
    try {
      storage?.setItem(mine() + activity, JSON.stringify(kept))
    } catch {
      return false
    }
    read()
    return storage !== null
  }

  function forget(activity: string): void {
    try {
      storage?.removeItem(mine() + activity)
    } catch {
      // Refused: then there was nothing.
    }
    read()
  }

  function send(): Promise<void> {
    sending ??= sendAll().finally(() => {
      sending = null
    })
    return sending
  }

  async function sendAll(): Promise<void> {
    clearTimeout(timer)
    read()
    const member = session.member.value?.id
    for (const [activity, kept] of Object.entries(waiting.value)) {
      const answer = await sent(activity, kept)
      if (session.member.value?.id !== member) return
      if (answer === 'later') {
        timer = setTimeout(() => void send(), AGAIN)
        return
      }
      if (answer === 'kept') continue
      forget(activity)
      answers.value = { ...answers.value, [activity]: answer }
      news.value = [...news.value.filter((each) => each.activity !== activity), answer]
    }
  }

  /** `kept`: not now, and not by trying again at once; `later`: the server was not reached, or has too much to do. */
  async function sent(activity: string, kept: KeptCode): Promise<CodeAnswer | 'kept' | 'later'> {
    try {
      const claim = await api.claimCheckIn(activity, kept.code, kept.at)
      return { activity, title: kept.title, claim, refusal: '' }
    } catch (error) {
      if (!(error instanceof ApiError) || error.status >= 500 || error.status === 429) return 'later'
      return FINAL.has(error.status) ? { activity, title: kept.title, claim: null, refusal: error.detail } : 'kept'
    }
  }

  function dismiss(activity: string): void {
    news.value = news.value.filter((each) => each.activity !== activity)
  }

  const back = (): void => void send()
  watch(
    () => session.member.value?.id,
    () => {
      answers.value = {}
      news.value = []
      void send()
    },
    { immediate: true },
  )
  watch(reach.returns, back)
  window.addEventListener('online', back)
  window.addEventListener('storage', read)
  onScopeDispose(() => {
    clearTimeout(timer)
    window.removeEventListener('online', back)
    window.removeEventListener('storage', read)
  }, true)
  return { waiting, answers, news, keep, forget, send, dismiss }
}

export type KeptCodes = ReturnType<typeof createKeptCodes>

function* keptUnder(storage: Store | null, prefix: string): Generator<[string, KeptCode]> {
  try {
    const keys = Array.from({ length: storage?.length ?? 0 }, (_, index) => storage?.key(index) ?? '')
    for (const key of keys.filter((each) => each.startsWith(prefix))) {
      const kept = parsed(storage?.getItem(key) ?? 'null')
      if (kept !== null) yield [key.slice(prefix.length), kept]
    }
  } catch {
    // Refused by the browser: then there is nothing.
  }
}

function parsed(text: string): KeptCode | null {
  try {
    const kept: unknown = JSON.parse(text)
    if (typeof kept !== 'object' || kept === null || !('code' in kept) || !('at' in kept)) return null
    const title = 'title' in kept && typeof kept.title === 'string' ? kept.title : ''
    return typeof kept.code === 'string' && typeof kept.at === 'string' ? { code: kept.code, at: kept.at, title } : null
  } catch {
    return null
  }
}

function browserStore(): Store | null {
  try {
    return localStorage
  } catch {
    return null
  }
}
