/**
 * That one has been drawn for a talk, wherever in the app one is: heard in one's own channel, answered over the same connection, and
 * sent until the server has taken the answer or refused it. What other devices of the same person answered ends it here too.
 */
import { computed, ref, shallowRef, watch } from 'vue'
import { Refused, type Connection, type Entry, type Follower, type OfferAnswerAck, type OfferAnswerIn } from '@/protocol'
import { newId } from './id'
import type { Session } from './session'

export interface Offer {
  draw: string
  shake: string
  title: string
  secretary: { id: string; name: string }
  /** ms since the epoch, by the server's clock. */
  answerBy: number
  /** How long the talk may take. */
  minutes: number
}

export type Answer = 'accept' | 'decline'
/** How one's answer stands. `elsewhere`: another device was quicker. */
export type Answered =
  | { state: 'sending'; answer: Answer }
  | { state: 'refused'; reason: string }
  | { state: 'accepted'; talk: string | null; elsewhere: boolean }
  | { state: 'declined'; elsewhere: boolean }
  | { state: 'lapsed' }
  | { state: 'withdrawn' }

interface ToldOffer {
  draw: string
  shake: string
  title: string
  secretary: { id: string; name: string }
  answer_by: string
  minutes: number
}

interface ToldAnswer {
  draw: string
  state: string
  talk?: string | null
}

const OFFERED = 'shake.offered'
const ANSWERED = 'shake.answered'
const BEGUN = 'talk.begun'
const OVER = 'talk.over'

export type Offers = ReturnType<typeof createOffers>

/** `settles`: ms in which a snapshot is followed by what has happened since. */
export function createOffers(session: Session, live: Connection, settles = 600) {
  const offer = shallowRef<Offer | null>(null)
  const answered = shallowRef<Answered | null>(null)
  /** The talk one is in, on either side. */
  const talk = ref<string | null>(null)
  const member = computed(() => session.member.value?.id)

  const done = doneHere()
  /** Fits the page to a snapshot, once what has happened since it has been heard. */
  let fitting: ReturnType<typeof setTimeout> | undefined
  /** The draw that was last heard of since the newest snapshot. */
  let heardOf = ''

  function close(): void {
    if (offer.value !== null) done.add(offer.value.draw)
    offer.value = null
    answered.value = null
  }

  function put(told: ToldOffer): void {
    heardOf = told.draw
    if (told.draw === offer.value?.draw || done.has(told.draw)) return
    offer.value = { draw: told.draw, shake: told.shake, title: told.title, secretary: told.secretary, answerBy: Date.parse(told.answer_by), minutes: told.minutes }
    answered.value = null
  }

  function heard({ state, talk: begun, draw }: ToldAnswer): void {
    heardOf = draw
    if (state === 'accepted' && typeof begun === 'string') talk.value = begun
    if (draw !== offer.value?.draw) return
    // What this page has answered is told once more after its acknowledgement, over a bad line above all.
    if (answered.value !== null && 'elsewhere' in answered.value && answered.value.state === state) return
    const here = answered.value?.state === 'sending' ? answered.value.answer : null
    if (state === 'accepted') answered.value = { state, talk: begun ?? null, elsewhere: here !== 'accept' }
    else if (state === 'declined') answered.value = { state, elsewhere: here !== 'decline' }
    else if (state === 'lapsed' || state === 'withdrawn') answered.value = { state }
  }

  function told({ type, data }: Entry): void {
    if (type === OFFERED) put(data as unknown as ToldOffer)
    else if (type === ANSWERED) heard(data as unknown as ToldAnswer)
    else if (type === BEGUN) talk.value = String(data['id'])
    else if (type === OVER && data['id'] === talk.value) talk.value = null
  }

  const part: Follower = {
    snapshot(state) {
      const { offer: open } = (state['shake'] ?? {}) as { offer?: ToldOffer | null }
      const { open: running } = (state['talk'] ?? {}) as { open?: { id: string } | null }
      talk.value = running?.id ?? null
      // It may be some seconds old; the entries since then are about to come.
      const up = offer.value?.draw
      heardOf = ''
      clearTimeout(fitting)
      fitting = setTimeout(() => {
        if (open && heardOf !== open.draw && (offer.value === null || offer.value.draw === up)) put(open)
        else if (!open && up !== undefined && offer.value?.draw === up && heardOf !== up && answered.value === null) offer.value = null // it ended while nobody listened
      }, settles)
    },
    entries(entries) {
      const before = offer.value?.draw
      entries.forEach(told)
      const now = answered.value
      // What came and ended while nobody could see it is no news: the page only catches up.
      if (now !== null && now.state !== 'sending' && now.state !== 'refused' && offer.value?.draw !== before) close()
    },
  }

  async function answer(with_: Answer): Promise<void> {
    const asked = offer.value
    if (asked === null || answered.value?.state === 'sending') return
    answered.value = { state: 'sending', answer: with_ }
    const words: OfferAnswerIn = { draw: asked.draw, client_id: newId() }
    try {
      const ack = await live.write<OfferAnswerAck>(`shake.${with_}`, words)
      done.add(asked.draw)
      if (ack.talk != null) talk.value = ack.talk
      if (offer.value?.draw !== asked.draw) return
      answered.value = with_ === 'accept' ? { state: 'accepted', talk: ack.talk ?? talk.value, elsewhere: false } : { state: 'declined', elsewhere: false }
    } catch (reason) {
      if (offer.value?.draw === asked.draw) answered.value = { state: 'refused', reason: reason instanceof Refused ? reason.message : '没有送出去，请再按一次' }
    }
  }

  watch(member, () => {
    offer.value = null
    answered.value = null
    talk.value = null
  })

  return {
    part,
    offer,
    answered,
    talk,
    answer,
    /** Seen, and put away. */
    close,
  }
}

const DONE = 'hongbo.offers'
const MOST = 20

/** Offers that were answered or put away in this tab: over a reload none of them comes up again. */
function doneHere(): { add: (draw: string) => void; has: (draw: string) => boolean } {
  const known = new Set(stored().split(' '))
  return {
    has: (draw) => known.has(draw),
    add(draw) {
      known.add(draw)
      try {
        sessionStorage.setItem(DONE, [...known].slice(-MOST).join(' '))
      } catch {
        // Refused: then it lasts as long as the page.
      }
    },
  }
}

function stored(): string {
  try {
    return sessionStorage.getItem(DONE) ?? ''
  } catch {
    return ''
  }
}
