import { expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { Api, Me, OwnAttendance } from '@/api'
import { useChannel } from '@/composables/useChannel'
import { withSetup } from '@/core/testing'
import type { Entry } from '@/protocol'
import { Script, settled } from '@/protocol/testing'
import { after, begun, left, purpose, standing } from './roll-call'
import { useRollCalls } from './useRollCalls'

const ME = { member: { id: 'me', name: '林晓' }, roles: [], csrf: '', public_broadcasts: false, organisation: null, brand: '' } as unknown as Me
const CALL = { id: 'r', number: 1, closes_at: '2026-07-01T12:00:00.000Z', needed: 2, drawn: 3 }
const entry = (type: string, more: object, offset = 2): Entry => ({ offset, type, at: '', data: { id: 'r', ...more } })
const batch = (first: Entry) => ({ channel: 'broadcast:b', epoch: 'e', first: first.offset, entries: [first] })

/** In a room with these roll-calls, as somebody who has answered those that `answered` names. */
async function inside(items: object[], answered: string[] = []) {
  const wire = new Script()
  const own = { drawn: 3, needed: 2, topic: null, answered: answered.length, confirmed_at: null, watched_ms: 0 }
  const asked = vi.fn<Api['ownAttendance']>(() => Promise.resolve({ ...own, roll_calls: answered.map((id) => ({ id, answered: true })) } as unknown as OwnAttendance))
  const mounted = withSetup({ me: () => Promise.resolve(ME), ownAttendance: asked }, () => {
    const calls = useRollCalls('b')
    useChannel('broadcast:b', [calls.part])
    return calls
  }, wire)
  await mounted.context.session.ready()
  await nextTick()
  wire.answers.push(() => ({ ok: true, epoch: 'e', head: 1, recovered: false, entries: [], snapshot: { roll_calls: { items } } }))
  wire.rise()
  await settled()
  await settled()
  return { wire, calls: mounted.result, asked }
}

it('follows a roll-call from its opening to its end, as a snapshot shows it', () => {
  const opened = after([], entry('roll_call.opened', CALL))
  expect(opened).toEqual(begun({ items: [{ ...CALL, open: true }] }))
  expect(after(opened, entry('roll_call.closed', { closed_by: 'time' }))).toEqual(begun({ items: [{ ...CALL, open: false }] }))
  expect(after(opened, entry('roll_call.painted', {}))).toBe(opened)
  expect(begun(undefined)).toEqual([])
})

it('asks nobody for an answer that was given on another device', async () => {
  const { calls } = await inside([{ ...CALL, open: true }], ['r'])
  expect(calls.known.value).toBe(true)
  expect(calls.answers.value.get('r')).toEqual({ state: 'taken' })
  expect(calls.standing.value).toEqual({ answered: 1, needed: 2 })
})

it('answers once however often it is pressed, and says how one stands', async () => {
  const { wire, calls } = await inside([])
  wire.say('entries', batch(entry('roll_call.opened', CALL)))
  const call = calls.open.value
  if (call === null) throw new Error('none is open')
  wire.answers.push(() => ({ ok: true, answered: 2, needed: 2 }))
  const first = calls.answer(call)
  await calls.answer(call)
  await first
  await calls.answer(call)
  expect(wire.calls.filter(([event]) => event === 'roll_call.answer')).toHaveLength(1)
  expect([calls.standing.value.answered, calls.confirmed.value]).toEqual([2, true])
})

it('says why an answer was refused, and may be asked again', async () => {
  const { wire, calls } = await inside([{ ...CALL, open: true }])
  const call = calls.open.value
  if (call === null) throw new Error('none is open')
  wire.answers.push(() => ({ ok: false, error: { code: 'roll_call_closed', message: '这次点名已经结束，没有赶上' } }))
  await calls.answer(call)
  expect(calls.answers.value.get('r')).toEqual({ state: 'refused', reason: '这次点名已经结束，没有赶上' })
})

it('keeps an answer that was given without a network and sends it when it returns', async () => {
  const { wire, calls } = await inside([{ ...CALL, open: true }])
  const call = calls.open.value
  if (call === null) throw new Error('none is open')
  wire.drop()
  const given = calls.answer(call)
  expect(calls.answers.value.get('r')).toEqual({ state: 'sending' })
  expect(wire.calls.some(([event]) => event === 'roll_call.answer')).toBe(false)
  wire.answers.push((event) => (event === 'subscribe' ? { ok: true, epoch: 'e', head: 1, recovered: true, entries: [] } : { ok: true, answered: 1, needed: 2 }))
  wire.answers.push((event) => (event === 'subscribe' ? { ok: true, epoch: 'e', head: 1, recovered: true, entries: [] } : { ok: true, answered: 1, needed: 2 }))
  wire.rise()
  await given
  expect(calls.answers.value.get('r')).toEqual({ state: 'taken' })
})

it('says it in words', () => {
  expect(purpose({ needed: 2, drawn: 3 }, true)).toBe('点名 3 次，应答 2 次算到课，计入积分')
  expect(purpose({ needed: 1, drawn: 0 }, false)).toBe('应答 1 次算到课')
  expect(standing({ answered: 1, needed: 2 }, false)).toBe('已应答 1 次，再应答 1 次即为到课')
  expect(standing({ answered: 2, needed: 2 }, false)).toBe('已应答 2 次，已记为到课')
  expect([left(89_400), left(125_000), left(-1)]).toEqual(['90 秒', '2 分 05 秒', '0 秒'])
})
