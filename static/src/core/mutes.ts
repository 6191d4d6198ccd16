/** Mutes as people are told of them. */
import type { Mute } from '@/api'
import { dayAndTime } from './format'

type Length = Pick<Mute, 'until' | 'scope'>

export function holds({ until }: Pick<Mute, 'until'>, now: number): boolean {
  return until === null || Date.parse(until) > now
}

/** 今天 19:30 之前, 本场结束之前, 解除之前. */
export function untilWords({ until, scope }: Length, now: number): string {
  if (until !== null) return `${dayAndTime(until, now)} 之前`
  return scope === null ? '解除之前' : '本场直播结束之前'
}

/** For the one it is about. */
export function mutedWords(mute: Length & Pick<Mute, 'reason'>, now: number): string {
  const where = mute.scope === null ? '所有直播间' : '本场直播'
  return `您已被禁言，${untilWords(mute, now)}不能在${where}发言${mute.reason ? `。原因：${mute.reason}` : ''}`
}
