import { expect, it } from 'vitest'
import type { Entry } from '@/protocol'
import { after, begun, current, momentOf, used, waiting, type Standing } from './standing'

const SHAKE = {
  id: 's', title: '七月书记聊一聊', state: 'announced', opens_at: '2026-07-01T12:00:00.000Z', closes_at: '2026-07-01T13:00:00.000Z', secretaries: [{ id: 'm1', name: '苏映川' }], branches: null,
  most_rounds: 5, round_seconds: 30, talk_minutes: 15, exclusion_days: 90, favour: 1, seed_commitment: 'aa', receipt_key: '04', seed: null, rounds: [],
}
const BY = { id: 'm1', name: '苏映川' }
const entry = (type: string, data: object): Entry => ({ offset: 1, type, at: '2026-07-01T12:00:00.000Z', data: data as Entry['data'] })
const prepared = entry('shake.round_prepared', { round: 1, nonce_commitment: 'bb', by_secretary: BY })
const opened = entry('shake.opened', { round: 1, opened_at: '2026-07-01T12:00:00.000Z', closes_at: '2026-07-01T12:00:30.000Z' })
const closed = entry('shake.round_closed', { round: 1, size: 3, total_weight: 3, list_hash: 'cc', state: 'closed' })
const revealed = entry('shake.revealed', { round: 1, nonce: 'dd' })
const drawn = entry('shake.drawn', { round: 1, n: 1, pseudonym: 'p1', answer_by: '2026-07-01T12:01:10.000Z', secretary: BY })

function told(...entries: Entry[]): Standing {
  const first = begun(SHAKE)
  if (first === null) throw new Error('nothing was told')
  return entries.reduce(after, first)
}

it('follows a session from its announcement to the seed', () => {
  expect(begun(undefined)).toBeNull()
  expect(told(prepared).rounds[0]).toMatchObject({ number: 1, state: 'prepared', by: BY, nonce_commitment: 'bb' })
  const open = told(prepared, opened)
  expect([open.state, open.rounds[0]?.state, open.rounds[0]?.closes_at, used(open)]).toEqual(['open', 'open', '2026-07-01T12:00:30.000Z', 1])
  const over = told(prepared, opened, closed, revealed, drawn, entry('shake.passed', { round: 1, n: 1, pseudonym: 'p1', reason: 'declined' }), entry('shake.passed', { round: 1, n: 2, pseudonym: 'p1', reason: 'drawn_before' }), entry('shake.drawn', { round: 1, n: 3, pseudonym: 'p2', answer_by: null, secretary: BY }), entry('shake.accepted', { round: 1, n: 3, pseudonym: 'p2' }), entry('shake.closed', { seed: 'ee' }))
  expect(over.rounds[0]).toMatchObject({ state: 'revealed', nonce: 'dd', size: 3, list_hash: 'cc' })
  expect(over.rounds[0]?.draws.map(({ n, state, secretary }) => [n, state, secretary?.name])).toEqual([[1, 'declined', '苏映川'], [2, 'drawn_before', undefined], [3, 'accepted', '苏映川']])
  expect([over.state, over.seed]).toEqual(['closed', 'ee'])
})

it('takes changes of the plan, and leaves alone what it does not know', () => {
  expect(told(entry('shake.changed', { title: '改期', talk_minutes: 20 }))).toMatchObject({ title: '改期', talk_minutes: 20, rounds: [] })
  expect(told(prepared, entry('shake.painted', { round: 1 })).rounds[0]?.state).toBe('prepared')
  expect(told(entry('shake.cancelled', { state: 'cancelled' })).state).toBe('cancelled')
})

it('knows which round counts, and what its moment means', () => {
  const ends = Date.parse('2026-07-01T12:00:30.000Z')
  const moments = [told(), told(prepared), told(prepared, opened), told(prepared, opened, closed), told(prepared, opened, closed, revealed)].map((each) => momentOf(current(each), ends - 1))
  expect(moments).toEqual(['none', 'soon', 'now', 'drawing', 'drawn'])
  expect(momentOf(current(told(prepared, opened)), ends)).toBe('late')
  const given = told(prepared, entry('shake.round_void', { round: 1 }))
  expect([current(given), used(given)]).toEqual([null, 0])
  expect(waiting(told(prepared, opened, closed, revealed, drawn), 'm1')).toMatchObject({ pseudonym: 'p1', round: 1 })
  expect(waiting(told(prepared, opened, closed, revealed, drawn), 'm2')).toBeNull()
})
