/**
 * Codes that were scanned without a network: kept on the phone with their time, and handed to the server from wherever in the app the
 * member is once there is a network, as claims that the person in charge decides on. A code is forgotten when the server has answered
 * it; a session that has ended, or a proxy that cannot reach the server, is no answer. The answer is kept until somebody has put it
 * away: the page that heard it may have been left at that moment.
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
const ANSWERED = 'hongbo.checkin-answer.'
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

  const mine = (prefix = PREFIX): string => `${prefix}${session.member.value?.id ?? ''}.`

  function read(): void {
    const signedIn = session.member.value !== null
    waiting.value = signedIn ? Object.fromEntries(under(storage, mine(), isKept)) : {}
    news.value = signedIn ? [...under(storage, mine(ANSWERED), isAnswer)].map(([, answer]) => answer) : []
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

  function forget(activity: string, prefix = PREFIX): void {
    try {
      storage?.removeItem(mine(prefix) + activity)
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
      remember(answer)
      answers.value = { ...answers.value, [activity]: answer }
    }
  }

  function remember(answer: CodeAnswer): void {
    try {
      storage?.setItem(mine(ANSWERED) + answer.activity, JSON.stringify(answer))
    } catch {
      // Full: what became of it stands on the activity's page.
    }
    read()
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
    forget(activity, ANSWERED)
  }

  const back = (): void => void send()
  watch(
    () => session.member.value?.id,
    () => {
      answers.value = {}
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

function* under<T extends object>(storage: Store | null, prefix: string, is: (found: object) => found is T): Generator<[string, T]> {
  try {
    const keys = Array.from({ length: storage?.length ?? 0 }, (_, index) => storage?.key(index) ?? '')
    for (const key of keys.filter((each) => each.startsWith(prefix))) {
      const found = parsed(storage?.getItem(key) ?? 'null')
      if (found !== null && is(found)) yield [key.slice(prefix.length), found]
    }
  } catch {
    // Refused by the browser: then there is nothing.
  }
}

function parsed(text: string): object | null {
  try {
    const found: unknown = JSON.parse(text)
    return typeof found === 'object' ? found : null
  } catch {
    return null
  }
}

function isKept(found: object): found is KeptCode {
  return 'code' in found && typeof found.code === 'string' && 'at' in found && typeof found.at === 'string'
}

function isAnswer(found: object): found is CodeAnswer {
  return 'activity' in found && typeof found.activity === 'string' && 'claim' in found && 'refusal' in found
}

function browserStore(): Store | null {
  try {
    return localStorage
  } catch {
    return null
  }
}
