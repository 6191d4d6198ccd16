import { describe, expect, it } from 'vitest'
import { draftOf, emptyDraft, faultsOf, inputOf } from './draft'
import type { Task } from '@/api'

const NOW = Date.parse('2026-07-01T01:00:00Z')

describe('the form of a task', () => {
  it('is due in a week, for the branch of who writes it or for all', () => {
    const own = emptyDraft(NOW, 'b1')
    expect([own.whole, own.branches]).toEqual([false, ['b1']])
    expect(emptyDraft(NOW, null).whole).toBe(true)
    expect(faultsOf({ ...own, title: '通知', text: '全文' }, NOW)).toEqual({})
  })

  it('says what is missing, and lets a draft be without words', () => {
    const blank = { ...emptyDraft(NOW, null), whole: false }
    expect(Object.keys(faultsOf(blank, NOW)).sort()).toEqual(['branches', 'text', 'title'])
    expect(faultsOf({ ...blank, title: '通知', branches: ['b1'] }, NOW, { complete: false })).toEqual({})
    expect(faultsOf({ ...blank, dueAt: '2026-06-01T10:00' }, NOW).dueAt).toContain('现在之后')
    expect(faultsOf({ ...blank, dueAt: '2026-06-01T10:00' }, NOW, { kept: '2026-06-01T10:00' }).dueAt).toBeUndefined()
  })

  it('keeps the deadline to the second where nobody touched it', () => {
    const due = '2026-07-08T10:00:23.456Z'
    const task = { title: 'a', text: 'b', due_at: due, whole: false, branches: ['b1'], counts_as: null, files: [] } as unknown as Task
    const draft = draftOf(task)
    expect(inputOf(draft, due).due_at).toBe(due)
    expect(inputOf({ ...draft, dueAt: '2026-07-09T18:00' }, due).due_at).not.toBe(due)
    expect(inputOf({ ...draft, whole: true }, due).branches).toEqual([])
  })
})
