/**
 * The queue of a desk and this moderator's decisions. A decision is seen at once and sent five seconds later, each for itself; leaving
 * the page sends what is pending. What the network keeps back is sent again until the server has answered.
 */
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue'
import { ApiError, inWords, type Held } from '@/api'
import type { ChannelPart } from '@/composables/useChannel'
import { useContext } from '@/core/context'
import type { Entry } from '@/protocol'
import { Queue, type Decision, type Verdict } from './queue'

const TICK = 200
const AGAIN = 3_000
/** The server takes no more at once. */
const MOST = 100
const NEWS_FOR = 8_000

interface Sending {
  ids: string[]
  verdict: Verdict
  reason: string
}

export function useQueue() {
  const { api, session, reach } = useContext()
  const queue = new Queue(() => session.member.value?.id ?? null)
  const rows = shallowRef<readonly Held[]>([])
  const decisions = shallowRef<readonly Decision[]>([])
  const current = ref('')
  const seconds = ref(0)
  const ready = ref(false)
  const refused = ref('')
  /** What others have decided meanwhile, or why something was not done. */
  const news = ref('')
  /** Decided, but not with the server yet, because it is out of reach. */
  const stuck = shallowRef<readonly Sending[]>([])
  let ticker: ReturnType<typeof setInterval> | undefined
  let again: ReturnType<typeof setTimeout> | undefined
  let silence: ReturnType<typeof setTimeout> | undefined

  function show(): void {
    rows.value = queue.rows
    decisions.value = queue.decisions
    current.value = queue.current
    seconds.value = queue.seconds(Date.now())
    if (queue.decisions.length > 0) ticker ??= setInterval(tick, TICK)
    else stop()
  }

  function stop(): void {
    clearInterval(ticker)
    ticker = undefined
  }

  function tick(): void {
    const over = queue.take(Date.now())
    if (over.length > 0) {
      deliver(over)
      show()
    } else {
      seconds.value = queue.seconds(Date.now())
    }
  }

  function tell(words: string): void {
    news.value = words
    clearTimeout(silence)
    silence = setTimeout(() => {
      news.value = ''
    }, NEWS_FOR)
  }

  function deliver(over: readonly Decision[], leaving = false): void {
    for (const each of grouped(over)) void send(each, leaving)
  }

  async function send(one: Sending, leaving = false): Promise<void> {
    try {
      const { items } = await api.decideHeld(one.ids, one.verdict, one.reason, leaving)
      for (const { id, held, message } of items) {
        queue.gone(id)
        if (held === null && message) tell(message)
      }
    } catch (error) {
      if (error instanceof ApiError && error.status < 500 && error.status !== 429) {
        one.ids.forEach((id) => { queue.refused(id) })
        tell(inWords(error))
      } else {
        stuck.value = [...stuck.value, one]
        clearTimeout(again)
        again = setTimeout(resend, AGAIN)
      }
    }
    show()
  }

  function resend(leaving = false): void {
    clearTimeout(again)
    const waiting = stuck.value
    stuck.value = []
    for (const each of waiting) void send(each, leaving)
  }

  /** The page goes, or goes out of sight and may never come back: nothing that was decided is lost. */
  function leave(): void {
    resend(true)
    deliver(queue.take(Date.now(), true), true)
    show()
  }

  function hidden(): void {
    if (document.hidden) leave()
  }

  const part: ChannelPart = {
    snapshot(state) {
      queue.begin((state['held'] as { waiting: Held[] } | undefined)?.waiting ?? [])
      ready.value = true
      refused.value = ''
      show()
    },
    entries(entries) {
      for (const entry of entries) hear(entry)
      show()
    },
    refused(reason) {
      refused.value = reason.message
    },
  }

  function hear({ type, data }: Entry): void {
    if (type === 'held.added') queue.added(data as unknown as Held)
    if (type !== 'held.decided') return
    const other = queue.decided(data as unknown as Held)
    if (other !== null) tell(settledWords(other))
  }

  function acting<Arguments extends unknown[], Answer>(act: (...given: Arguments) => Answer): (...given: Arguments) => Answer {
    return (...given) => {
      const answer = act(...given)
      show()
      return answer
    }
  }

  window.addEventListener('pagehide', leave)
  document.addEventListener('visibilitychange', hidden)
  watch(reach.returns, () => { resend() })
  onScopeDispose(() => {
    window.removeEventListener('pagehide', leave)
    document.removeEventListener('visibilitychange', hidden)
    leave()
    stop()
    clearTimeout(again)
    clearTimeout(silence)
  })

  return {
    part, rows, decisions, current, seconds, ready, refused, news, stuck,
    waiting: computed(() => rows.value.filter(({ state }) => state === 'held').length),
    move: acting((by: number) => { queue.move(by) }),
    choose: acting((id: string) => { queue.choose(id) }),
    decide: acting((ids: readonly string[], verdict: Verdict) => queue.decide(ids, verdict, '', Date.now())),
    explain: acting((reason: string) => queue.explain(reason, Date.now())),
    undo: acting(() => queue.undo()),
    hold: acting(() => { queue.hold(Date.now()) }),
    release: acting(() => { queue.release(Date.now()) }),
  }
}

export type QueueHandle = ReturnType<typeof useQueue>

/** 桑见远已通过, 作者已撤回. */
export function settledWords({ state, decided, author }: Held): string {
  if (state === 'withdrawn') return `${author.name}撤回了自己的一条内容`
  return `${decided?.by.name ?? '其他审核员'}已${state === 'approved' ? '通过' : '拒绝'}${author.name}的一条内容`
}

/** What is decided alike goes together. */
function grouped(decisions: readonly Decision[]): Sending[] {
  const groups = new Map<string, Sending>()
  for (const { items, verdict, reason } of decisions) {
    const key = `${verdict}\n${reason}`
    const group = groups.get(key) ?? { ids: [], verdict, reason }
    group.ids.push(...items.map(({ id }) => id))
    groups.set(key, group)
  }
  return [...groups.values()].flatMap(({ ids, ...rest }) => Array.from({ length: Math.ceil(ids.length / MOST) }, (_, at) => ({ ...rest, ids: ids.slice(at * MOST, (at + 1) * MOST) })))
}
