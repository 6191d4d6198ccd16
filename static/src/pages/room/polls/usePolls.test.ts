import { afterEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { Api, Me, PollRow } from '@/api'
import { useBroadcast } from '@/composables/useBroadcast'
import { withSetup } from '@/core/testing'
import type { Entry } from '@/protocol'
import { Script, settled } from '@/protocol/testing'
import { useRoom } from '../useRoom'

afterEach(() => {
  sessionStorage.clear()
  vi.useRealTimers()
})
const ME = { member: { id: 'me', name: '林晓' }, roles: [], csrf: '', public_broadcasts: false, organisation: null, brand: '' } as unknown as Me
const POLL = { id: 'p', question: '几点？', options: ['上午', '下午'], most: 1, results: 'always', final: false, closes_at: null, media_at: null, state: 'open' }
const batch = (first: Entry) => ({ channel: 'broadcast:b', epoch: 'e', first: first.offset, entries: [first] })
const closed: Entry = { offset: 2, type: 'poll.closed', at: '', data: { id: 'p', counts: [4, 1], voters: 5, closed_by: 'host' } }
const stands = (more: object) => ({ channel: 'broadcast:b', poll: { id: 'p', ...more } })

async function inside(item: object | null = POLL, rows: Partial<PollRow>[] = [], connected = true) {
  const wire = new Script()
  const asked = vi.fn<Api['polls']>(() => Promise.resolve({ items: rows as PollRow[] }))
  const mounted = withSetup({ me: () => Promise.resolve(ME), broadcast: () => new Promise(() => undefined), polls: asked }, () => useRoom('b', useBroadcast('b'), () => null).polls, wire)
  await mounted.context.session.ready()
  await nextTick()
  wire.answers.push(() => ({ ok: true, epoch: 'e', head: 1, recovered: false, entries: [], snapshot: { comments: { latest: [] }, polls: { items: item === null ? [] : [item] } } }))
  if (connected) wire.rise()
  await settled()
  const sent = () => wire.calls.filter(([event]) => event === 'poll.vote').map(([, payload]) => payload as { options: number[]; client_id: string })
  return { ...mounted, polls: mounted.result, wire, asked, sent }
}

it('shows whoever comes late how it stands and what he chose, and every change after that', async () => {
  const { polls, wire } = await inside(POLL, [{ id: 'p', state: 'open', counts: [1, 2], voters: 3, voted: true, mine: [1] }])
  expect(polls.open.value?.tally).toEqual({ counts: [1, 2], voters: 3 })
  expect(polls.ballots.value.get('p')?.options).toEqual([1])
  wire.say('signals', stands({ counts: [2, 2], voters: 4 }))
  expect(polls.open.value?.tally).toEqual({ counts: [2, 2], voters: 4 })
  wire.say('entries', batch(closed))
  expect(polls.open.value).toBeNull()
  expect(polls.closed.value[0]?.tally).toEqual({ counts: [4, 1], voters: 5 })
  expect(polls.ballots.value.get('p')?.options).toEqual([1])
})

it('sends a vote that was given without a network when it returns, the last choice alone, also after a reload', async () => {
  const first = await inside()
  first.wire.drop()
  first.polls.vote('p', [0])
  first.polls.vote('p', [1])
  expect(first.polls.ballots.value.get('p')).toMatchObject({ options: [1] })
  expect(first.sent()).toEqual([])
  const pending = first.polls.ballots.value.get('p')?.pending
  first.unmount()

  const second = await inside(POLL, [], false)
  expect(second.polls.ballots.value.get('p')).toEqual({ options: [1], pending })
  second.wire.answers.push(() => ({ ok: true, options: [1] }))
  second.wire.rise()
  await settled()
  expect(second.sent()).toEqual([{ poll: 'p', options: [1], client_id: pending }])
  expect(second.polls.ballots.value.get('p')).toEqual({ options: [1], pending: '' })
})

it('says why a vote was refused, and shows the one that counts', async () => {
  const { polls, wire } = await inside(POLL, [{ id: 'p', state: 'open', counts: [1, 0], voters: 1, voted: true, mine: [0] }])
  wire.answers.push(() => ({ ok: false, error: { code: 'poll_closed', message: '投票已经结束' } }))
  polls.vote('p', [1])
  expect(polls.ballots.value.get('p')?.options).toEqual([1])
  await settled()
  expect(polls.faults.value.get('p')).toBe('投票已经结束')
  expect(polls.ballots.value.get('p')?.options).toEqual([0])
})

it('asks how it stands after voting where that is shown to voters alone, and goes on asking as others vote', async () => {
  const { polls, wire, asked } = await inside({ ...POLL, results: 'voted' })
  asked.mockClear()
  wire.say('signals', stands({ voters: 7 }))
  expect(polls.open.value?.tally).toEqual({ counts: null, voters: 7 })
  asked.mockResolvedValue({ items: [{ id: 'p', state: 'open', counts: [7, 1], voters: 8, voted: true } as PollRow] })
  wire.answers.push(() => ({ ok: true, options: [0] }))
  polls.vote('p', [0])
  await settled()
  await settled()
  expect(asked).toHaveBeenCalledOnce()
  expect(polls.open.value?.tally).toEqual({ counts: [7, 1], voters: 8 })
  vi.useFakeTimers()
  wire.say('signals', stands({ voters: 9 }))
  wire.say('signals', stands({ voters: 10 }))
  expect(polls.open.value?.tally).toEqual({ counts: [7, 1], voters: 10 })
  await vi.advanceTimersByTimeAsync(5_000)
  expect(asked).toHaveBeenCalledTimes(2)
})

it('asks nobody for anything while no poll is open', async () => {
  const { polls, asked } = await inside(null)
  expect(polls.ready.value).toBe(true)
  expect(asked).not.toHaveBeenCalled()
})
