/** The form of a broadcast as people fill it in, and what is wrong with it, field by field. */
import type { Broadcast, BroadcastInput, CommentMode, Named, Orientation, Visibility } from '@/api'
import { toLocal } from '@/core/format'

export interface Draft {
  title: string
  intro: string
  /** As the browser's date field has it, in the reader's own zone: 2026-07-01T19:30 */
  startsAt: string
  minutes: string
  visibility: Visibility
  commentMode: CommentMode
  orientation: Orientation
  coHosts: Named[]
}

export type Faults = Partial<Record<keyof Draft, string>>

export const TITLE_MOST = 80
export const INTRO_MOST = 2000
const LATE = 60 * 60_000

/** A new one begins at the next full half hour that leaves time to prepare. */
export function emptyDraft(now: number): Draft {
  const half = 30 * 60_000
  return {
    title: '',
    intro: '',
    startsAt: toLocal(Math.ceil((now + 10 * 60_000) / half) * half),
    minutes: '60',
    visibility: 'members',
    commentMode: 'post_moderated',
    orientation: 'landscape',
    coHosts: [],
  }
}

export function draftOf(broadcast: Broadcast): Draft {
  return {
    title: broadcast.title,
    intro: broadcast.intro,
    startsAt: toLocal(broadcast.starts_at),
    minutes: String(broadcast.minutes_planned),
    visibility: broadcast.visibility,
    commentMode: broadcast.comment_mode,
    orientation: broadcast.orientation,
    coHosts: broadcast.co_hosts,
  }
}

export function faultsOf(draft: Draft, now: number, fresh: boolean): Faults {
  const faults: Faults = {}
  const title = draft.title.trim()
  if (title === '') faults.title = '请写一个标题'
  else if (Array.from(title).length > TITLE_MOST) faults.title = `标题最多 ${TITLE_MOST} 个字`
  if (Array.from(draft.intro).length > INTRO_MOST) faults.intro = `简介最多 ${INTRO_MOST} 个字`
  const start = new Date(draft.startsAt).getTime()
  if (Number.isNaN(start)) faults.startsAt = '请选择开播时间'
  else if (fresh && start < now - LATE) faults.startsAt = '这个时间已经过去了，请重新选择'
  const minutes = Number(draft.minutes)
  if (!Number.isInteger(minutes) || minutes < 5 || minutes > 720) faults.minutes = '请填 5 到 720 之间的分钟数'
  return faults
}

export function toInput(draft: Draft): BroadcastInput {
  return {
    title: draft.title.trim(),
    intro: draft.intro.trim(),
    starts_at: new Date(draft.startsAt).toISOString(),
    minutes_planned: Number(draft.minutes),
    visibility: draft.visibility,
    comment_mode: draft.commentMode,
    orientation: draft.orientation,
    co_hosts: draft.coHosts.map((host) => host.id),
  }
}

/** On air the server takes title and introduction alone. */
export function changesOf(draft: Draft, onAir: boolean): Partial<BroadcastInput> {
  const { title, intro, ...rest } = toInput(draft)
  return onAir ? { title, intro } : { title, intro, ...rest }
}
