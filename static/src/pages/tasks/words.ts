/** What tasks are called on screen, and how one stands in words. */
import type { KeptTask, OwnTask, TaskConfirmation, TaskCountsAs, TaskPerson, TaskState } from '@/api'
import { dayAndTime } from '@/core/format'

export const STATE_NAMES: Readonly<Record<TaskState, string>> = { draft: '草稿', given: '进行中', closed: '已结束', withdrawn: '已撤回' }

export const COUNTS_NAMES: Readonly<Record<TaskCountsAs, string>> = { pledge: '年度公开承诺', integrity_pledge: '签订廉洁承诺' }

export const whose = (task: { branch_name: string | null }): string => task.branch_name ?? '党委'

export const dueWords = (dueAt: string, now: number): string => `${dayAndTime(dueAt, now)} 截止`

export const isOverdue = (dueAt: string, now: number): boolean => Date.parse(dueAt) < now

/** For whom it is, in a few words. */
export function forWhom(task: Pick<KeptTask, 'whole' | 'branch_names'>): string {
  if (task.whole) return '全体党员'
  const [first] = task.branch_names
  if (first === undefined) return ''
  return task.branch_names.length === 1 ? first : `${first}等 ${task.branch_names.length} 个支部`
}

/** How a confirmation came about: 7月1日 周三 19:30 确认，逾期. */
export function confirmedWords(mine: TaskConfirmation, now: number): string {
  const how = mine.proxy ? `由${mine.by ?? '负责人'}代为确认` : '本人确认'
  return `${dayAndTime(mine.at, now)} ${how}${mine.late ? '，已过截止时间' : ''}`
}

export function ownStanding(task: OwnTask, now: number): string {
  if (task.confirmed_at === null) return isOverdue(task.due_at, now) ? '已逾期' : '待确认'
  return task.late ? '逾期确认' : '已确认'
}

export function personStanding(person: TaskPerson): string {
  if (person.confirmation === null) return person.disabled ? '账号已停用' : '未确认'
  return person.confirmation.late ? '逾期确认' : '已确认'
}

/** On the list of those in charge: when, whether by somebody else, and of which version where that is not the `newest`. */
export function confirmationWords({ at, proxy, version }: TaskConfirmation, newest: number | undefined, now: number): string {
  return `${dayAndTime(at, now)}${proxy ? '，代为确认' : ''}${version === newest ? '' : `，第 ${version} 版`}`
}
