import { expect, it } from 'vitest'
import { toLocal } from '@/core/format'
import { changesOf, emptyDraft, faultsOf, toInput, type Draft } from './draft'

const now = new Date(2026, 6, 1, 18, 55).getTime()
const draft = (more: Partial<Draft> = {}): Draft => ({ ...emptyDraft(now), title: '党课', ...more })

it('proposes the next half hour that leaves time to prepare', () => {
  expect(emptyDraft(now).startsAt).toBe('2026-07-01T19:30')
})

it('finds nothing wrong with a good draft', () => {
  expect(faultsOf(draft(), now, true)).toEqual({})
})

it.each<[Partial<Draft>, keyof Draft]>([
  [{ title: '  ' }, 'title'],
  [{ title: '长'.repeat(81) }, 'title'],
  [{ intro: '长'.repeat(2001) }, 'intro'],
  [{ startsAt: '' }, 'startsAt'],
  [{ startsAt: '2026-06-30T10:00' }, 'startsAt'],
  [{ minutes: '3' }, 'minutes'],
  [{ minutes: '一小时' }, 'minutes'],
])('names the field that is wrong: %o', (more, field) => {
  expect(Object.keys(faultsOf(draft(more), now, true))).toEqual([field])
})

it('lets an old start stand when something else is edited', () => {
  expect(faultsOf(draft({ startsAt: '2026-06-30T10:00' }), now, false)).toEqual({})
})

it('sends the time with its zone', () => {
  expect(toInput(draft()).starts_at).toBe(new Date(2026, 6, 1, 19, 30).toISOString())
  expect(toLocal(toInput(draft()).starts_at)).toBe('2026-07-01T19:30')
})

it('changes only the words while on air', () => {
  expect(changesOf(draft({ title: ' 新标题 ' }), true)).toEqual({ title: '新标题', intro: '' })
})
