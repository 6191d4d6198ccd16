/**
 * What is said in one talk: opened as it comes, sealed as it goes. What was sent is kept sealed on this device until the server has it,
 * over a reload too, and counts once. `part` is its share of the conversation's channel.
 */
import { computed, ref, shallowRef } from 'vue'
import { useContext } from '@/core/context'
import { newId } from '@/core/id'
import type { Entry, MessageRecallIn } from '@/protocol'
import { fromBase64 } from '@/sealed/bytes'
import { readContent, type CallSignal, type Content, type MessageKind } from '@/sealed/content'
import { unseal, unsealOwn, type Label } from '@/sealed/sealing'
import { lastCall } from './call/last'
import { RINGS_FOR } from './call/view'
import { lacks, type Keys, type KeyView } from './keys'
import { isPosted, postedOf, recalledOf } from './journal'
import { Outbound, type Pending } from './outbound'
import { Thread, type Message, type Opened, type Posted } from './thread'

export interface ThreadHooks {
  talk: string
  side: () => string
  keys: Keys
  /** A word about a call, from the other side; told just now, or a ring that nobody has answered. */
  called: (signal: CallSignal) => void
  /** This page was in a call before it was loaded anew. */
  lost: (call: string, video: boolean) => void
}

const PAGE = 100

export function useThread({ talk, side, keys, called, lost }: ThreadHooks) {
  const { api, live, clock } = useContext()
  const thread = new Thread()
  const messages = shallowRef<readonly Message[]>([])
  const pending = shallowRef<readonly Pending[]>([])
  const ready = ref(false)
  const missing = ref(0)
  const atStart = ref(false)
  /** What the other page says it could pass on to this device; null: it has not said. */
  const held = ref<number | null>(null)
  const newest = ref(0)
  let turn: Promise<void> = Promise.resolve()
  let before: number | null = null

  const outbound = new Outbound({
    talk,
    keys,
    write: (payload) => live.write('message', payload),
    changed: show,
    now: () => clock.now(),
    newId,
  })

  function show(): void {
    messages.value = thread.messages
    outbound.prune(({ round, number }) => number > 0 && thread.hasOwn(round, number))
    pending.value = outbound.pending
    missing.value = thread.missing(keys.view.round)
    atStart.value = thread.atStart
  }

  async function open(posted: Posted): Promise<Opened> {
    if (posted.recalled) return 'locked'
    if (keys.doubts(posted.key)) return 'doubted'
    const found = keys.keysOf(posted.key)
    if (found === null) return 'locked'
    const label: Label = { talk, round: posted.key, kind: posted.kind, number: posted.number }
    const sealed = fromBase64(posted.body)
    if (sealed === undefined) return 'broken'
    const bytes = await (posted.mine ? unsealOwn(found, label, sealed) : unseal(found, label, sealed))
    return (bytes === undefined ? undefined : readContent(bytes)) ?? 'broken'
  }

  /** Undefined for what was played again under a number that was given before. */
  async function take(posted: Posted): Promise<Opened | undefined> {
    const opened = await open(posted)
    if (!thread.add(posted, opened)) return undefined
    if (typeof opened === 'object' && !posted.mine && opened.t === 'holds' && posted.key === keys.view.round) held.value = opened.count
    return opened
  }

  /** Told while the page is open. What came late, after a sleep, rings no more. */
  function heard(posted: Posted, opened: Opened | undefined): void {
    if (posted.mine || typeof opened !== 'object' || opened.t !== 'call') return
    if (opened.step !== 'ring' || clock.now() - Date.parse(posted.at) < RINGS_FOR) called(opened)
  }

  /** Where the calls stood before this page was loaded. */
  function callsBefore(found: readonly { posted: Posted; opened: Opened }[]): void {
    const { ring, open: left } = lastCall(found)
    if (ring !== null && clock.now() - Date.parse(ring.at) < RINGS_FOR) called(ring.signal)
    else if (left !== null) lost(left.call, left.video)
  }

  /** One after the other, in the order of the journal. */
  function then(work: () => Promise<void>): Promise<void> {
    turn = turn.then(work).catch(() => undefined)
    return turn
  }

  const part = {
    snapshot(parts: Record<string, unknown>) {
      const latest = (parts['messages'] as { latest: Entry[] } | undefined)?.latest ?? []
      void then(async () => {
        await keys.settled
        const first = !ready.value
        thread.clear()
        const found: { posted: Posted; opened: Opened }[] = []
        for (const entry of latest) {
          const posted = postedOf(entry, side())
          const opened = await take(posted)
          if (opened !== undefined) found.push({ posted, opened })
        }
        newest.value = latest[latest.length - 1]?.offset ?? 0
        before = latest[0]?.offset ?? null
        thread.atStart = latest.length === 0
        ready.value = true
        show()
        if (first) callsBefore(found)
        // The first of the bounded list need not be the first of all.
        if (!thread.atStart) await earlier()
      })
    },
    entries(entries: readonly Entry[]) {
      void then(async () => {
        await keys.settled
        for (const entry of entries) {
          if (isPosted(entry)) {
            const posted = postedOf(entry, side())
            heard(posted, await take(posted))
            newest.value = entry.offset
          }
          const gone = recalledOf(entry)
          if (gone !== null) thread.recall(gone)
        }
        show()
        await passOn()
      })
    },
  }

  /** What was said is deleted for both. */
  function wipe(): void {
    void then(() => {
      thread.clear()
      thread.atStart = true
      show()
      return Promise.resolve()
    })
  }

  /** The page before what is shown. */
  async function earlier(): Promise<void> {
    if (before === null || thread.atStart) return
    const { items, next } = await api.talkMessages(talk, { before, limit: PAGE })
    for (const entry of items) await take(postedOf(entry, side()))
    thread.atStart = next === null
    before = items[0]?.offset ?? before
    show()
  }

  /** There may be keys now that there were none before. */
  function keysChanged(view: KeyView): void {
    if (view.state !== 'agreed') return
    void then(async () => {
      for (const posted of thread.locked) await take(posted)
      show()
      if (keys.ended) return
      await outbound.resume()
      await announce()
      await passOn()
    })
  }

  /** After a change of keys each page says how much it could pass on. */
  async function announce(): Promise<void> {
    const { round } = keys.view
    const kept = keys.kept
    if (round < 2 || kept === null || kept.rounds[round]?.passed.includes('holds') === true) return
    const count = forOther().length
    await outbound.once('system', { t: 'holds', count }, 'holds')
  }

  const forOther = () => {
    const kept = keys.kept
    return kept === null ? [] : thread.readable.filter(({ round }) => lacks(kept, round, keys.view.other))
  }

  /** Once the codes were compared, the other side's new device gets what was said before: a server could have made that device up. */
  async function passOn(): Promise<void> {
    const { view, kept } = keys
    if (keys.ended || view.state !== 'agreed' || !view.checked || !ready.value) return
    const passed = new Set(kept?.rounds[view.round]?.passed ?? [])
    for (const { id, mine, what } of forOther()) {
      if (!passed.has(id)) await outbound.once('history', { t: 'history', of: id, mine, what }, id, id)
    }
  }

  /** Says yes or no to the code that both see. */
  async function compared(alike: boolean): Promise<void> {
    const { round } = keys.view
    await keys.check(alike)
    await keys.settled
    if (!alike) {
      await then(() => {
        thread.doubt(round)
        show()
        return Promise.resolve()
      })
    }
    await then(passOn)
  }

  async function recall(message: Message): Promise<void> {
    const asked: MessageRecallIn = { message: message.id, client_id: newId() }
    await live.write('message.recall', asked)
  }

  const send = (kind: MessageKind, content: Content, blob?: string) => outbound.send(kind, content, blob)
  const closed = computed(() => messages.value.filter(({ what }) => what.t === 'locked').length)
  return { part, messages, pending, ready, missing, atStart, held, closed, newest, keysChanged, compared, earlier: () => then(earlier), recall, wipe, send, again: outbound.again, discard: outbound.discard }
}

export type ThreadHandle = ReturnType<typeof useThread>
