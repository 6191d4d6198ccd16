/** Why nobody, or one person, can write in a room now, in words; '' where one can. Pure. */
import type { Broadcast } from '@/api'

/** `keeper`: whoever keeps the room may write while others must not. */
export function closedWords({ state, comment_mode: mode, muted }: Broadcast, keeper: boolean): string {
  if (mode === 'off') return '主播关闭了评论'
  if (state !== 'live' && state !== 'interrupted') return state === 'scheduled' || state === 'rehearsal' ? '开播后可以评论' : '直播已结束，评论已关闭'
  return muted && !keeper ? '主播开启了全员禁言' : ''
}
