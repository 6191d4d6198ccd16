import { afterEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { Api, Me } from '@/api'
import { useChannel } from '@/composables/useChannel'
import { withSetup } from '@/core/testing'
import type { Entry } from '@/protocol'
import { Script, settled } from '@/protocol/testing'
import type { Question } from './question'
import { useQuestions } from './useQuestions'

vi.mock('vant', () => ({ showToast: vi.fn() }))
afterEach(() => {
  sessionStorage.clear()
})
const ME = { member: { id: 'me', name: '林晓' }, roles: [], csrf: '', public_broadcasts: false, organisation: null, brand: '' } as unknown as Me
const question = (id: string, more: Partial<Question> = {}): Question => ({
  id, at: '2026-07-01T06:40:00.000Z', by: { id: 'other', name: '封书瑶' }, text: id, state: 'asked',
  answering_at: null, answered_at: null, votes: 0, pinned: false, adopted: null, replies: [], ...more,
})
const entry = (offset: number, type: string, data: Record<string, unknown>, by?: string): Entry =>
  ({ offset, type: `question.${type}`, at: '', data, ...(by === undefined ? {} : { by: { id: by, name: by } }) })
const batch = (...entries: Entry[]) => ({ channel: 'broadcast:b', epoch: 'e', first: entries[0]!.offset, entries })
const no = (code: string, message: string) => () => ({ ok: false, error: { code, message } })

/** A member in the room of `b`, with a server that has answered the subscription. */
async function inside(all: Question[], own: { asked?: string[]; voted?: string[] } = {}, connected = true) {
  const wire = new Script()
  const asked = (own.asked ?? []).map((id) => ({ id, text: id, anonymous: true, removed: null as string | null, review: null as 'held' | null }))
  const ownQuestions = vi.fn(() => Promise.resolve({ asked, voted: own.voted ?? [] }))
  const api: Partial<Api> = { me: () => Promise.resolve(ME), ownQuestions }
  const setup = () => {
    const questions = useQuestions('b', () => new Date(0))
    useChannel('broadcast:b', [questions.part])
    return questions
  }
  const mounted = withSetup(api, setup, wire)
  await mounted.context.session.ready()
  await nextTick()
  wire.answers.push(() => ({ ok: true, epoch: 'e', head: 9, recovered: false, entries: [], snapshot: { comments: { latest: [] }, questions: { all } } }))
  if (connected) wire.rise()
  await settled()
  const sent = (event: string) => wire.calls.filter(([name]) => name === event).map(([, payload]) => payload)
  return { ...mounted, room: mounted.result, wire, sent, ownQuestions }
}

it('shows a vote at once, keeps what the server has counted, and knows it again after a reload', async () => {
  const { room, wire } = await inside([question('q', { votes: 3 })])
  wire.answers.push(() => ({ ok: true, votes: 8 }))
  room.vote(room.all.value[0]!)
  expect([room.votes(room.all.value[0]!), room.voted.value.has('q')]).toEqual([4, true])
  await settled()
  expect(room.votes(room.all.value[0]!)).toBe(8)
  wire.say('entries', batch(entry(10, 'voted', { id: 'q', votes: 9 })))
  expect(room.votes(room.all.value[0]!)).toBe(9)
  const again = await inside([question('q', { votes: 9 })], { voted: ['q'] })
  expect(again.room.voted.value.has('q')).toBe(true)
})

it('shows an anonymous question once, also where the room hears of it before it is answered', async () => {
  const { room, wire } = await inside([])
  wire.answers.push(() => new Promise(() => undefined))
  room.ask('有  回看吗？', true)
  expect(room.pending.value).toHaveLength(1)
  wire.say('entries', batch(entry(10, 'asked', { id: 'q', text: '有 回看吗？' })))
  expect([room.pending.value, room.all.value.map(({ id }) => id)]).toEqual([[], ['q']])
})

it('takes a refused vote back', async () => {
  const { room, wire } = await inside([question('q', { votes: 3 })])
  wire.answers.push(no('questions_closed', '直播已结束'))
  room.vote(room.all.value[0]!)
  await settled()
  expect([room.votes(room.all.value[0]!), room.voted.value.has('q')]).toEqual([3, false])
})

it('sends one vote after the other, the last wish last', async () => {
  const { room, wire, sent } = await inside([question('q')])
  wire.answers.push(() => ({ ok: true, votes: 1 }), () => ({ ok: true, votes: 1 }))
  for (let presses = 0; presses < 3; presses += 1) room.vote(room.all.value[0]!)
  expect(sent('question.vote')).toHaveLength(1)
  await settled()
  expect(room.voted.value.has('q')).toBe(true)
  expect(sent('question.vote').map(({ up }) => up)).toEqual([true]) // pressed thrice: it stands as it was sent
  wire.answers.push(() => ({ ok: true, votes: 0 }), () => ({ ok: true, votes: 1 }))
  room.vote(room.all.value[0]!)
  room.vote(room.all.value[0]!)
  await settled()
  expect(sent('question.vote').map(({ up }) => up)).toEqual([true, false, true])
})

it('keeps a question over a reload and sends it under the same client id, still anonymous', async () => {
  const first = await inside([], {}, false)
  first.room.ask('能匿名吗？', true)
  first.room.draft.value = '还没写完'
  await nextTick()
  const second = await inside([], {}, false)
  expect(second.room.draft.value).toBe('还没写完')
  expect(second.room.pending.value).toMatchObject([{ question: first.room.pending.value[0]!.question, reason: '' }])
  second.wire.answers.push(() => ({ ok: true, id: 'q', offset: 10, held: false }))
  second.wire.rise()
  await settled()
  expect(second.sent('question')).toEqual([{ broadcast: 'b', text: '能匿名吗？', anonymous: true, client_id: first.room.pending.value[0]!.question.client_id }])
  second.wire.say('entries', batch(entry(10, 'asked', { id: 'q', text: '能匿名吗？' })))
  expect(second.room.pending.value).toEqual([])
  expect(second.room.mine(second.room.all.value[0]!)).toBe(true) // though nobody is told whose it is
  expect(second.room.unread.value).toBe(0)
})

it('says why a question was refused, and sends it again or lets it go', async () => {
  const { room, wire, sent } = await inside([])
  wire.answers.push(no('too_many_open', '你已有 3 个问题在等回答'), no('too_many_open', '还是 3 个'))
  room.ask('第四个', false)
  await settled()
  expect(room.pending.value[0]).toMatchObject({ reason: '你已有 3 个问题在等回答' })
  void room.again(room.pending.value[0]!.question)
  await settled()
  expect(room.pending.value[0]).toMatchObject({ reason: '还是 3 个' })
  expect(new Set(sent('question').map(({ client_id: id }) => id)).size).toBe(1)
  room.discard(room.pending.value[0]!.question.client_id)
  expect(room.pending.value).toEqual([])
})

it('counts what came from others while nobody looked', async () => {
  const { room, wire } = await inside([])
  wire.say('entries', batch(entry(10, 'asked', { id: 'a', text: '一' }, 'other'), entry(11, 'asked', { id: 'b', text: '二' }, 'me'), entry(12, 'voted', { id: 'a', votes: 1 })))
  expect([room.unread.value, room.waiting.value]).toEqual([1, 2])
  room.looking.value = true
  await nextTick()
  wire.say('entries', batch(entry(13, 'asked', { id: 'c', text: '三' }, 'other')))
  expect(room.unread.value).toBe(0)
})

it('asks anew what became of one of its own that was taken back', async () => {
  const { room, wire, ownQuestions } = await inside([question('q', { by: null })], { asked: ['q'] })
  ownQuestions.mockResolvedValue({ asked: [{ id: 'q', text: '一', anonymous: true, removed: 'host', review: null }], voted: [] })
  wire.say('entries', batch(entry(10, 'removed', { id: 'q', redacts: 1, left: { id: 'q', removed: 'host' } })))
  await settled()
  expect(room.all.value).toEqual([])
  expect(room.apart.value).toMatchObject([{ id: 'q', removed: 'host' }])
})

it('marks at the moment that is seen', async () => {
  const { room, wire, sent } = await inside([question('q')])
  wire.answers.push(() => ({ ok: true }))
  await room.mark(room.all.value[0]!, 'answering')
  expect(sent('question.mark')).toEqual([{ question: 'q', state: 'answering', media_at: '1970-01-01T00:00:00.000Z', client_id: expect.any(String) as string }])
})

it('says that a question waits for review, and no longer once the room has it', async () => {
  const { room, wire, ownQuestions } = await inside([])
  const held = { id: 'q', text: '一', anonymous: true, removed: null, review: 'held' as const }
  ownQuestions.mockResolvedValue({ asked: [held], voted: [] })
  wire.answers.push(() => ({ ok: true, id: 'q', held: true }))
  room.ask('一', true)
  await settled()
  expect([room.pending.value, room.apart.value]).toEqual([[], [held]])
  ownQuestions.mockResolvedValue({ asked: [], voted: [] })
  wire.say('entries', batch(entry(10, 'asked', { id: 'q', text: '一' })))
  await settled()
  expect([room.apart.value, room.mine(room.all.value[0]!), room.unread.value]).toEqual([[], true, 0])
})
