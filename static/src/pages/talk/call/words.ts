/** A call that was, in words. Pure. */
import type { CallEnd } from '@/sealed/content'
import { spokenLength } from '../talk'

/** `mine`: told by the reader's own side. */
export function callWords({ how, ms, video }: CallEnd, mine: boolean): string {
  const what = video ? '视频通话' : '语音通话'
  switch (how) {
    case 'declined':
      return mine ? `您没有接听${what}` : `对方没有接听${what}`
    case 'cancelled':
      return mine ? `您取消了${what}` : `对方取消了${what}`
    case 'busy':
      return `${what}：对方忙`
    case 'lost':
      return ms > 0 ? `${what}中断，通话 ${spokenLength(ms)}` : `${what}没有接通`
    default:
      return ms > 0 ? `${what} ${spokenLength(ms)}` : `${what}没有接通`
  }
}
