/** The form of a task as people fill it in, and what is wrong with it, field by field. */
import type { Task, TaskCountsAs, TaskFile, TaskInput } from '@/api'
import { toLocal } from '@/core/format'

export interface Draft {
  title: string
  text: string
  dueAt: string
  whole: boolean
  branches: string[]
  countsAs: TaskCountsAs | ''
  files: Pick<TaskFile, 'id' | 'name' | 'kind' | 'size'>[]
}

export type Faults = Partial<Record<keyof Draft, string>>

export const TITLE_MOST = 80
export const TEXT_MOST = 20_000
export const FILES_MOST = 6
const WEEK = 7 * 86_400_000
const YEAR = 366 * 86_400_000

/** Due in a week, in the evening. */
export function emptyDraft(now: number, branch: string | null): Draft {
  const due = new Date(now + WEEK)
  due.setHours(18, 0, 0, 0)
  return { title: '', text: '', dueAt: toLocal(due.getTime()), whole: branch === null, branches: branch === null ? [] : [branch], countsAs: '', files: [] }
}

export function draftOf(task: Task): Draft {
  return {
    title: task.title,
    text: task.text,
    dueAt: toLocal(task.due_at),
    whole: task.whole,
    branches: [...task.branches],
    countsAs: task.counts_as ?? '',
    files: [...task.files],
  }
}

/** `kept`: a deadline that was set before may lie behind by now. `complete`: as it is given to people; a draft may be without words. */
export function faultsOf(draft: Draft, now: number, { kept = '', complete = true } = {}): Faults {
  const faults: Faults = {}
  if (draft.title.trim() === '') faults.title = '请写一个标题'
  if (complete && draft.text.trim() === '' && draft.files.length === 0) faults.text = '请写正文，或添加附件'
  const due = new Date(draft.dueAt).getTime()
  if (Number.isNaN(due)) faults.dueAt = '请选择截止时间'
  else if (draft.dueAt !== kept && due <= now) faults.dueAt = '截止时间须在现在之后'
  else if (due > now + YEAR) faults.dueAt = '截止时间须在一年之内'
  if (!draft.whole && draft.branches.length === 0) faults.branches = '请选择发给哪些支部'
  return faults
}

/** `sameDue`: the moment as the server has it, where the field was not touched: it knows no seconds. */
export function inputOf(draft: Draft, sameDue: string | null = null): TaskInput {
  return {
    title: draft.title.trim(),
    text: draft.text.trim(),
    files: draft.files.map((file) => file.id),
    due_at: sameDue !== null && toLocal(sameDue) === draft.dueAt ? sameDue : new Date(draft.dueAt).toISOString(),
    whole: draft.whole,
    branches: draft.whole ? [] : draft.branches,
    counts_as: draft.countsAs === '' ? null : draft.countsAs,
  }
}
