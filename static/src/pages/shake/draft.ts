/** The form of a session as people fill it in, and what is wrong with it, field by field. */
import type { Shake, ShakeInput } from '@/api'
import { toLocal } from '@/core/format'

export interface Draft {
  title: string
  opensAt: string
  closesAt: string
  secretaries: string[]
  whole: boolean
  branches: string[]
  rounds: string
  roundSeconds: string
  talkMinutes: string
  exclusionDays: string
  /** The weight of those who were never drawn; '1' means none has more. */
  favour: string
}

export type Faults = Partial<Record<keyof Draft, string>>

export const TITLE_MOST = 60
const HALF = 30 * 60_000
const LONGEST = 7 * 86_400_000

/** What may be filled in, and what to call it. */
const NUMBERS: readonly [keyof Draft, number, number][] = [
  ['rounds', 1, 20],
  ['roundSeconds', 10, 120],
  ['talkMinutes', 5, 60],
  ['exclusionDays', 0, 365],
  ['favour', 1, 10],
]

/** From the next half hour on, for an hour, with oneself. `branch`: all there is to choose for who leads no more than that. */
export function emptyDraft(now: number, self: string | null, branch: string | null): Draft {
  const start = Math.ceil((now + HALF) / HALF) * HALF
  return {
    title: '', opensAt: toLocal(start), closesAt: toLocal(start + 2 * HALF), secretaries: self === null ? [] : [self], whole: branch === null, branches: branch === null ? [] : [branch],
    rounds: '5', roundSeconds: '30', talkMinutes: '15', exclusionDays: '90', favour: '1',
  }
}

export function draftOf(shake: Shake): Draft {
  return {
    title: shake.title,
    opensAt: toLocal(shake.opens_at),
    closesAt: toLocal(shake.closes_at),
    secretaries: shake.secretaries.map(({ id }) => id),
    whole: shake.branches === null,
    branches: shake.branches?.map(({ id }) => id) ?? [],
    rounds: String(shake.rounds),
    roundSeconds: String(shake.round_seconds),
    talkMinutes: String(shake.talk_minutes),
    exclusionDays: String(shake.exclusion_days),
    favour: String(shake.favour),
  }
}

/** `kept`: an opening that was set before may lie behind by now. */
export function faultsOf(draft: Draft, now: number, kept = ''): Faults {
  const faults: Faults = {}
  if (draft.title.trim() === '') faults.title = '请写一个标题'
  const [start, end] = [new Date(draft.opensAt).getTime(), new Date(draft.closesAt).getTime()]
  if (Number.isNaN(start)) faults.opensAt = '请选择开始时间'
  else if (draft.opensAt !== kept && start < now - 60_000) faults.opensAt = '开始时间须在现在之后'
  if (Number.isNaN(end)) faults.closesAt = '请选择结束时间'
  else if (end <= start) faults.closesAt = '结束时间须在开始之后'
  else if (end > start + LONGEST) faults.closesAt = '一场摇一摇最长 7 天'
  if (draft.secretaries.length === 0) faults.secretaries = '请选择至少一位书记'
  if (draft.secretaries.length > 20) faults.secretaries = '最多选择 20 位书记'
  if (!draft.whole && draft.branches.length === 0) faults.branches = '请选择参加的支部'
  for (const [field, least, most] of NUMBERS) {
    const text = String(draft[field]).trim()
    if (!/^\d+$/.test(text) || Number(text) < least || Number(text) > most) faults[field] = `请填 ${least} 到 ${most} 的整数`
  }
  return faults
}

export function inputOf(draft: Draft): ShakeInput {
  return {
    title: draft.title.trim(),
    opens_at: new Date(draft.opensAt).toISOString(),
    closes_at: new Date(draft.closesAt).toISOString(),
    secretaries: draft.secretaries,
    branches: draft.whole ? null : draft.branches,
    rounds: Number(draft.rounds),
    round_seconds: Number(draft.roundSeconds),
    talk_minutes: Number(draft.talkMinutes),
    exclusion_days: Number(draft.exclusionDays),
    favour: Number(draft.favour),
  }
}
