import { expect, it, vi } from 'vitest'
import type { Me, OwnAttendance } from '@/api'
import { withSetup } from '@/core/testing'
import { Script } from '@/protocol/testing'
import { useReplayCheck } from './useReplayCheck'

const ME = { member: { id: 'm' }, roles: [], csrf: '', public_broadcasts: false, organisation: null, brand: '' } as unknown as Me
const COUNTING = { check: 'roll_call', days: 30, until: '2026-12-30T00:00:00.000Z', open: true, number: 3, needed: 2, answered: 0, missed: 0, prompt: null }

async function page() {
  const sent: unknown[] = []
  const state = { answered: 0, missed: 0 }
  const wire = new Script()
  wire.connected = true
  wire.call = (event, payload) => {
    sent.push([event, payload])
    state.answered += 1
    return Promise.resolve({ ok: true, answered: state.answered, needed: 2 })
  }
  const ownAttendance = () => {
    const confirmed = state.answered >= 2
    return Promise.resolve({ confirmed_at: confirmed ? COUNTING.until : null, way: confirmed ? 'replay' : null, replay: { ...COUNTING, answered: state.answered, missed: state.missed } } as unknown as OwnAttendance)
  }
  const { result, context } = withSetup({ me: () => Promise.resolve(ME), ownAttendance }, () => useReplayCheck('b', () => true), wire)
  await context.session.ready()
  await Promise.resolve()
  return { sent, result, state }
}

const asked = (id: string) => ({ watched_ms: 0, prompt: { id, closes_at: '2026-07-01T12:00:00.000Z' } })

it('shows what the server asks while the replay plays, once, and is done after enough answers', async () => {
  const { sent, result } = await page()
  const { open, answer, answers, confirmed } = result.asking
  result.heard({ watched_ms: 0 })
  expect(open.value).toBeNull()
  result.heard(asked('one'))
  expect(open.value).toMatchObject({ id: 'one', number: 1, needed: 2, closesAt: Date.parse('2026-07-01T12:00:00.000Z') })
  const call = open.value
  if (call === null) throw new Error('nothing is asked')
  await answer(call)
  await answer(call)
  expect(sent).toHaveLength(1)
  expect(sent[0]).toMatchObject(['replay.answer', { prompt: 'one' }])
  expect(answers.value.get('one')).toEqual({ state: 'taken' })
  expect(confirmed.value).toBe(false)
  result.heard(asked('two'))
  if (open.value !== null) await answer(open.value)
  expect(confirmed.value).toBe(true)
  expect(result.own.value?.way).toBe('replay')
})

it('asks how one stands once a roll-call has run out', async () => {
  const { result, state } = await page()
  state.missed = 1
  result.heard(asked('one'))
  await vi.waitFor(() => { expect(result.own.value?.replay?.missed).toBe(1) })
})
