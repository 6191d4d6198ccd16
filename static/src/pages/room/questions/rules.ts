/** What the room allows now, and why not, in words; the server decides all of it again. */
import type { Broadcast } from '@/api'

type Known = Pick<Broadcast, 'state' | 'muted' | 'can'> & { replay: Pick<Broadcast['replay'], 'state'> }

export function onAir({ state }: Pick<Broadcast, 'state'>): boolean {
  return state === 'live' || state === 'interrupted'
}

/** `secretary`: may write while others must not, as those who keep the room may. */
function silenced({ muted, can }: Known, secretary: boolean): string {
  return muted && !can.publish && !can.moderate && !secretary ? '主播开启了全员禁言' : ''
}

/** Why nothing can be asked; '' while it can. */
export function askingClosed(broadcast: Known, secretary: boolean): string {
  const { state } = broadcast
  if (state === 'ended' || state === 'cut_off') return '直播已结束，提问已关闭'
  if (state === 'cancelled') return '直播已取消，提问已关闭'
  return silenced(broadcast, secretary)
}

/** Why no answer can be written; '' while it can. */
export function answersClosed(broadcast: Known, secretary: boolean): string {
  const { state, replay } = broadcast
  if (state === 'cut_off' || state === 'cancelled' || replay.state === 'discarded') return '问答已关闭'
  return silenced(broadcast, secretary)
}
