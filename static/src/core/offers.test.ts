import { beforeEach, expect, it } from 'vitest'
import { nextTick } from 'vue'
import type { Me } from '@/api'
import { withSetup } from '@/core/testing'
import type { Entry } from '@/protocol'
import { Script, settled } from '@/protocol/testing'

const ME = { member: { id: 'me', name: '林晓', status: 'full' }, roles: [], csrf: '', public_broadcasts: false, organisation: null, brand: '' } as unknown as Me
const OFFER = { draw: 'd', shake: 's', title: '七月', round: 1, secretary: { id: 'm1', name: '苏映川' }, answer_by: '2026-07-01T12:00:30.000Z', minutes: 15 }
const entry = (type: string, data: object, offset = 11): Entry => ({ offset, type, at: '', data: data as Entry['data'] })

beforeEach(() => {
  sessionStorage.clear()
})

async function listening(own: Record<string, unknown>) {
  const wire = new Script()
  wire.own = own
  const { context } = withSetup({ me: () => Promise.resolve(ME) }, () => undefined, wire)
  await context.session.ready()
  await nextTick()
  context.own.join(context.offers.part)
  wire.rise()
  await settled()
  await settled()
  return { wire, offers: context.offers, say: (...entries: Entry[]) => { wire.say('entries', { channel: 'member:me', epoch: 'm', first: entries[0]!.offset, entries }) } }
}

it('hears of an offer as it comes, and of one that waits', async () => {
  const { offers, say } = await listening({})
  expect(offers.offer.value).toBeNull()
  say(entry('shake.offered', OFFER))
  expect(offers.offer.value).toMatchObject({ draw: 'd', answerBy: Date.parse(OFFER.answer_by), minutes: 15 })
  const late = await listening({ shake: { offer: OFFER } })
  expect(late.offers.offer.value?.draw).toBe('d')
})

it('accepts once, and gives the talk', async () => {
  const { wire, offers } = await listening({ shake: { offer: OFFER } })
  wire.answers.push(() => ({ ok: true, draw: 'd', state: 'accepted', talk: 't' }))
  const first = offers.answer('accept')
  await offers.answer('decline')
  await first
  expect(wire.calls.filter(([event]) => event.startsWith('shake.'))).toHaveLength(1)
  expect(offers.answered.value).toEqual({ state: 'accepted', talk: 't', elsewhere: false })
  expect(offers.talk.value).toBe('t')
})

it('stays its own answer when the channel tells it after the acknowledgement', async () => {
  for (const [way, state, talk] of [['decline', 'declined', null], ['accept', 'accepted', 't']] as const) {
    sessionStorage.clear()
    const { wire, offers, say } = await listening({ shake: { offer: OFFER } })
    wire.answers.push(() => ({ ok: true, draw: 'd', state, talk }))
    await offers.answer(way)
    say(entry('shake.answered', { draw: 'd', state, talk }))
    expect(offers.answered.value).toMatchObject({ state, elsewhere: false })
  }
})

it('says why an answer was refused, and takes another try', async () => {
  const { wire, offers } = await listening({ shake: { offer: OFFER } })
  wire.answers.push(() => ({ ok: false, error: { code: 'offer_over', message: '这次邀请已经结束' } }), () => ({ ok: true, draw: 'd', state: 'declined' }))
  await offers.answer('accept')
  expect(offers.answered.value).toEqual({ state: 'refused', reason: '这次邀请已经结束' })
  await offers.answer('decline')
  expect(offers.answered.value).toEqual({ state: 'declined', elsewhere: false })
})

it('ends where another device has answered, time is over, or the secretary took it back', async () => {
  for (const [state, expected] of [['accepted', { state: 'accepted', talk: 't', elsewhere: true }], ['lapsed', { state: 'lapsed' }], ['withdrawn', { state: 'withdrawn' }]] as const) {
    sessionStorage.clear()
    const { offers, say } = await listening({ shake: { offer: OFFER } })
    say(entry('shake.answered', { draw: 'another', state: 'declined', talk: null }))
    expect(offers.answered.value).toBeNull()
    say(entry('shake.answered', { draw: 'd', state, talk: state === 'accepted' ? 't' : null }, 12))
    expect(offers.answered.value).toEqual(expected)
    offers.close()
    expect(offers.offer.value).toBeNull()
  }
})

it('says nothing of an offer that came and ended before anybody could see it', async () => {
  const { offers, say } = await listening({})
  say(entry('shake.offered', OFFER), entry('shake.answered', { draw: 'd', state: 'declined', talk: null }, 12))
  expect([offers.offer.value, offers.answered.value]).toEqual([null, null])
  // A snapshot of a moment ago, and what has happened since.
  offers.part.snapshot({ shake: { offer: { ...OFFER, draw: 'e' } } }, { epoch: 'm', head: 12 })
  offers.part.entries([entry('shake.answered', { draw: 'e', state: 'lapsed', talk: null }, 13)])
  await settled()
  expect([offers.offer.value, offers.answered.value]).toEqual([null, null])
})

it('keeps an offer that is newer than a snapshot, and lets one go that the snapshot knows to be over', async () => {
  const { offers, say } = await listening({})
  say(entry('shake.offered', OFFER))
  offers.part.snapshot({ shake: { offer: null } }, { epoch: 'm', head: 9 })
  offers.part.entries([entry('shake.offered', OFFER)])
  await settled()
  expect(offers.offer.value?.draw).toBe('d')
  offers.part.snapshot({ shake: { offer: null } }, { epoch: 'm', head: 12 })
  await settled()
  expect(offers.offer.value).toBeNull()
})

it('does not come back with what was put away in this tab', async () => {
  const { offers } = await listening({ shake: { offer: OFFER } })
  offers.close()
  const reloaded = await listening({ shake: { offer: OFFER } })
  expect(reloaded.offers.offer.value).toBeNull()
})

it('knows the talk one is in until it is over', async () => {
  const { offers, say } = await listening({ talk: { open: { id: 't' } } })
  expect(offers.talk.value).toBe('t')
  say(entry('talk.over', { id: 'another', reason: 'time' }))
  expect(offers.talk.value).toBe('t')
  say(entry('talk.over', { id: 't', reason: 'time' }, 12), entry('talk.begun', { id: 'u' }, 13))
  expect(offers.talk.value).toBe('u')
})
