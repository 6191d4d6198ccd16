/** How an offer ended, in words. */
import type { Answered } from '@/core/offers'

export function outcome(answered: Answered | null, over: boolean): string {
  switch (answered?.state) {
    case 'accepted':
      return answered.elsewhere ? '已在另一台设备上接受' : '已接受'
    case 'declined':
      return answered.elsewhere ? '已在另一台设备上谢绝' : '好的，这次不打扰您'
    case 'withdrawn':
      return '书记撤回了这次邀请，下次再聊'
    case 'lapsed':
      return '时间到了，已请下一位，没有任何影响'
    case 'refused':
      return answered.reason
    default:
      return over ? '时间到了，已请下一位，没有任何影响' : ''
  }
}
