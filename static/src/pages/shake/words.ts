/** What a session of 摇一摇 is called on screen, and how it, a round and a draw stand in words. */
import { dateAndTime, clockTime, dayAndTime } from '@/core/format'
import type { Announced, DrawState, ShakeState, Who } from './standing'

export const STATE_NAMES: Readonly<Record<ShakeState, string>> = { announced: '未开始', open: '进行中', closed: '已结束', cancelled: '已取消' }

export const DRAW_NAMES: Readonly<Record<DrawState, string>> = {
  offered: '等待回应',
  accepted: '已接受',
  declined: '这次不方便，请下一位',
  lapsed: '没有在时间内回应，请下一位',
  withdrawn: '书记撤回了邀请',
  drawn_before: '本轮或本场已经抽中过，跳过',
  recently_talked: '最近在另一场聊过，跳过',
  busy: '正在聊一聊，跳过',
  gone: '账号已停用，跳过',
}

/** 今天 19:30 至 20:00, or with both days where they differ. */
export function span({ opens_at, closes_at }: Pick<Announced, 'opens_at' | 'closes_at'>, now: number): string {
  const sameDay = new Date(opens_at).toDateString() === new Date(closes_at).toDateString()
  return `${dayAndTime(opens_at, now)} 至 ${sameDay ? clockTime(closes_at) : dateAndTime(closes_at, now)}`
}

export const names = (people: readonly Who[]): string => people.map(({ name }) => name).join('、')

export function forWhom(branches: readonly Who[] | null): string {
  if (branches === null) return '全体党员'
  const [first] = branches
  if (first === undefined) return ''
  return branches.length === 1 ? first.name : `${first.name}等 ${branches.length} 个支部`
}

/** A pseudonym as people compare it: in groups of four. */
export const inGroups = (digits: string): string => digits.replace(/(.{4})(?=.)/g, '$1 ')

/** The rules that people ask about, a sentence each. */
export function rulesOf(shake: Pick<Announced, 'most_rounds' | 'round_seconds' | 'talk_minutes' | 'exclusion_days' | 'favour'>): string[] {
  return [
    `最多 ${shake.most_rounds} 轮，每轮 ${shake.round_seconds} 秒；每人每轮计一次，用几台设备都一样。`,
    `抽中后有 30 秒决定是否接受；不接受、没看到都没有影响。聊一聊最长 ${shake.talk_minutes} 分钟。`,
    '书记可以撤回邀请、另抽一位，次数有限，谁撤回了几次都公布在验证页。',
    ...(shake.exclusion_days > 0 ? [`聊过之后 ${shake.exclusion_days} 天内不再参加抽取，把机会留给别人。`] : []),
    shake.favour > 1 ? `从未聊过的人在名单里占 ${shake.favour} 份，其他人占 1 份。` : '每个人被抽中的机会相同。',
  ]
}
