import { expect, it } from 'vitest'
import type { Activity } from '@/api'
import { changesOf, draftOf, emptyDraft, faultsOf, inputOf, type Draft } from './draft'

const now = new Date(2026, 6, 1, 18, 55).getTime()
const draft = (more: Partial<Draft> = {}): Draft => ({ ...emptyDraft(now), title: '主题党日', ...more })

it('proposes an hour from a half hour on', () => {
  expect([emptyDraft(now).startsAt, emptyDraft(now).endsAt]).toEqual(['2026-07-01T19:30', '2026-07-01T20:30'])
  expect(faultsOf(draft())).toEqual({})
})

it.each<[Partial<Draft>, keyof Draft]>([
  [{ title: ' ' }, 'title'],
  [{ startsAt: '' }, 'startsAt'],
  [{ endsAt: '' }, 'endsAt'],
  [{ endsAt: '2026-07-01T19:30' }, 'endsAt'],
  [{ endsAt: '2026-08-02T19:30' }, 'endsAt'],
  [{ seats: '0' }, 'seats'],
  [{ seats: '很多' }, 'seats'],
  [{ seats: '10', cancelUntil: '2026-07-02T19:30' }, 'cancelUntil'],
])('names the field that is wrong: %o', (more, field) => {
  expect(Object.keys(faultsOf(draft(more)))).toEqual([field])
})

it('sends times with their zone, and no seats or broadcast where none are given', () => {
  const changes = changesOf(draft({ title: ' 党课 ' }))
  expect(changes).toMatchObject({ title: '党课', starts_at: new Date(2026, 6, 1, 19, 30).toISOString(), seats: null, broadcast: null, topic: null })
  expect(changesOf(draft({ seats: '25', kind: 'lecture', integrity: true }))).toMatchObject({ seats: 25, topic: 'integrity' })
  expect(changesOf(draft({ integrity: true })).topic).toBeNull()
})

it("belongs to the writer's branch, or to the whole committee", () => {
  expect(inputOf(draft(), 'b1', true)).toMatchObject({ branch_id: 'b1', whole: false, draft: true })
  expect(inputOf(draft({ whole: true }), 'b1', false)).toMatchObject({ branch_id: null, whole: true, draft: false })
})

it('lets a seat be given back until two hours before, or until what was said', () => {
  const said = new Date(2026, 6, 1, 12, 0).toISOString()
  expect(changesOf(draft({ seats: '10', cancelUntil: '2026-07-01T12:00' })).cancel_until).toBe(said)
  expect(changesOf(draft({ cancelUntil: '2026-07-01T12:00' })).cancel_until).toBeNull()
  const activity = { starts_at: new Date(2026, 6, 1, 19, 30).toISOString(), ends_at: new Date(2026, 6, 1, 20, 30).toISOString(), seats: 10 } as Activity
  expect(draftOf({ ...activity, cancel_until: new Date(2026, 6, 1, 17, 30).toISOString() }).cancelUntil).toBe('')
  expect(draftOf({ ...activity, cancel_until: said }).cancelUntil).toBe('2026-07-01T12:00')
})
