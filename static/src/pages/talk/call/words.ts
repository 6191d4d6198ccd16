/** A call that is or was, in words. Pure. */
import type { CallEnd } from '@/sealed/content'
import { spokenLength } from '../talk'
import type { CallView } from './view'

/** How it stands; the connection that holds, or none, is said as people say it. */
export function stateWords({ state, video, camera, theirs }: CallView): string {
  switch (state) {
    case 'calling':
      return '等待对方接听…'
    case 'ringing':
      return video ? '邀请您视频通话' : '邀请您语音通话'
    case 'connecting':
      return '正在接通…'
    case 'talking':
      return camera || theirs ? '通话中，只有双方设备能听到和看到' : '通话中，只有双方设备能听到'
    case 'restoring':
      return '网络不稳，正在恢复…'
    default:
      return ''
  }
}

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
