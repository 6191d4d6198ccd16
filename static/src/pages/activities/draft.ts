/** The form of an activity as people fill it in, and what is wrong with it, field by field. */
import type { Activity, ActivityChanges, ActivityInput, ActivityKind } from '@/api'
import { toLocal } from '@/core/format'

export interface Draft {
  kind: ActivityKind
  title: string
  startsAt: string
  endsAt: string
  place: string
  intro: string
  whole: boolean
  integrity: boolean
  seats: string
  cancelUntil: string
  broadcast: string
}

export type Faults = Partial<Record<keyof Draft, string>>

export const TITLE_MOST = 80
export const PLACE_MOST = 80
export const INTRO_MOST = 2000
const HALF = 30 * 60_000
const LONGEST = 31 * 86_400_000
const CANCEL_BEFORE = 2 * 3_600_000

export function emptyDraft(now: number): Draft {
  const start = Math.ceil((now + HALF) / HALF) * HALF
  return { kind: 'theme_day', title: '', startsAt: toLocal(start), endsAt: toLocal(start + 2 * HALF), place: '', intro: '', whole: false, integrity: false, seats: '', cancelUntil: '', broadcast: '' }
}

export function draftOf(activity: Activity): Draft {
  return {
    kind: activity.kind,
    title: activity.title,
    startsAt: toLocal(activity.starts_at),
    endsAt: toLocal(activity.ends_at),
    place: activity.place,
    intro: activity.intro,
    whole: activity.branch_id === null,
    integrity: activity.topic === 'integrity',
    seats: activity.seats === null ? '' : String(activity.seats),
    cancelUntil: isUsual(activity) ? '' : toLocal(activity.cancel_until),
    broadcast: activity.broadcast ?? '',
  }
}

/** Two hours before it begins, which is so where nothing else was said. */
function isUsual(activity: Pick<Activity, 'starts_at' | 'cancel_until'>): boolean {
  return new Date(activity.starts_at).getTime() - new Date(activity.cancel_until).getTime() === CANCEL_BEFORE
}

export function faultsOf(draft: Draft): Faults {
  const faults: Faults = {}
  if (draft.title.trim() === '') faults.title = '请写一个标题'
  const start = new Date(draft.startsAt).getTime()
  const end = new Date(draft.endsAt).getTime()
  if (Number.isNaN(start)) faults.startsAt = '请选择开始时间'
  if (Number.isNaN(end)) faults.endsAt = '请选择结束时间'
  else if (end <= start) faults.endsAt = '结束时间须在开始之后'
  else if (end > start + LONGEST) faults.endsAt = '一次活动最长 31 天'
  const seats = Number(draft.seats)
  if (draft.seats.trim() !== '' && (!Number.isInteger(seats) || seats < 1 || seats > 100_000)) faults.seats = '请填 1 以上的整数，或者留空'
  if (draft.seats.trim() !== '' && draft.cancelUntil !== '' && new Date(draft.cancelUntil).getTime() > end) faults.cancelUntil = '须在活动结束之前'
  return faults
}

export function changesOf(draft: Draft): ActivityChanges {
  return {
    title: draft.title.trim(),
    starts_at: new Date(draft.startsAt).toISOString(),
    ends_at: new Date(draft.endsAt).toISOString(),
    place: draft.place.trim(),
    intro: draft.intro.trim(),
    topic: draft.kind === 'lecture' && draft.integrity ? 'integrity' : null,
    broadcast: draft.broadcast === '' ? null : draft.broadcast,
    seats: draft.seats.trim() === '' ? null : Number(draft.seats),
    cancel_until: draft.seats.trim() === '' || draft.cancelUntil === '' ? null : new Date(draft.cancelUntil).toISOString(),
  }
}

/** `branch`: the writer's own, for what is not the whole committee's. */
export function inputOf(draft: Draft, branch: string | null, unannounced: boolean): ActivityInput {
  const { title, starts_at, ends_at, place, intro, topic, broadcast, seats, cancel_until } = changesOf(draft)
  return {
    kind: draft.kind, title: title ?? '', starts_at: starts_at ?? '', ends_at: ends_at ?? null, place: place ?? '', intro: intro ?? '',
    topic: topic ?? null, broadcast: broadcast ?? null, seats: seats ?? null, cancel_until: cancel_until ?? null, whole: draft.whole, branch_id: draft.whole ? null : branch, draft: unannounced,
  }
}
