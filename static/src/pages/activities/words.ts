/** What activities are called on screen, and how one stands in words. */
import type { Activity, ActivityKind, ActivityPerson, ActivityState, CheckInWay } from '@/api'
import { clockTime, dayAndTime, dayInWords } from '@/core/format'

export const KIND_NAMES: Readonly<Record<ActivityKind, string>> = {
  general: '支部党员大会',
  committee: '支部委员会',
  group: '党小组会',
  lecture: '党课',
  theme_day: '主题党日',
  org_life: '组织生活会',
  talk: '谈心谈话',
  oath_renewal: '重温入党誓词',
}

export const STATE_NAMES: Readonly<Record<ActivityState, string>> = {
  draft: '草稿',
  announced: '未开始',
  open: '签到中',
  closed: '已结束',
  cancelled: '已取消',
}

export const WAY_NAMES: Readonly<Record<CheckInWay, string>> = {
  code: '扫码签到',
  late_checkin: '补签',
  proxy_checkin: '代签',
  ticked: '名单登记', roll_call: '线上点名', replay: '回看补学',
}

/** 今天 19:30–21:00; with both days where it ends on another. */
export function span(activity: Pick<Activity, 'starts_at' | 'ends_at'>, now: number): string {
  const start = dayAndTime(activity.starts_at, now)
  const sameDay = dayInWords(activity.starts_at, now) === dayInWords(activity.ends_at, now)
  return `${start}–${sameDay ? clockTime(activity.ends_at) : dayAndTime(activity.ends_at, now)}`
}

export const whose = (activity: Pick<Activity, 'branch_name'>): string => activity.branch_name ?? '党委'

/** How the reader stands to it, in a word or two; empty where they have nothing to do with it. */
export function standing(activity: Activity): string {
  const { mine } = activity
  if (mine.present_at !== null) return '已签到'
  if (mine.absence !== null) return '已请假'
  if (mine.seat === 'going') return '已报名'
  if (mine.seat === 'waiting') return '候补中'
  return mine.expected ? '应到' : ''
}

/** How somebody on the list stands. */
export function standingOf(person: ActivityPerson): string {
  if (person.present_at !== null) return '已到'
  if (person.absence !== null) return '缺席'
  if (person.seat === 'waiting') return '候补'
  return person.seat === 'going' || person.expected ? '未到' : '未签到'
}
