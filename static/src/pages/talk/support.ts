/** Whether this browser can keep a talk private, asked before anything is opened. */
import { OPEN_OUTSIDE, inWeChat } from '@/core/device'

export function browserFault(): string {
  if (!window.isSecureContext) return '加密谈话需要安全连接（https），请用 https 开头的地址打开'
  if (typeof crypto === 'undefined' || crypto.subtle === undefined) return `这个浏览器不能加密，请升级或换一个浏览器${inWeChat() ? `，${OPEN_OUTSIDE}` : ''}`
  return ''
}
