/** How the keys of a talk stand, in plain words; null where there is nothing to say. Pure. */
import type { KeyView } from './keys'

export interface KeyWords {
  text: string
  /** What may be done about it. */
  action: '' | 'code' | 'here' | 'anew'
  label: string
  /** Something is wrong, not only under way. */
  alarm: boolean
}

export interface Around {
  /** How many messages this device cannot open. */
  closed: number
  /** What the other page says it could pass on; null: it has not said. */
  held: number | null
  /** The browser keeps keys over a reload. */
  lasting: boolean
  over: boolean
}

const calm = (text: string): KeyWords => ({ text, action: '', label: '', alarm: false })

export function keyWords(view: KeyView, around: Around): KeyWords | null {
  if (around.over) {
    if (view.state === 'unknown' && around.closed > 0) return calm('这台设备上没有这次谈话的密钥，所以打不开聊天内容。在当时使用的设备上可以看到。')
    return null
  }
  switch (view.state) {
    case 'alone':
      return calm(view.fresh ? '这台设备上没有这次谈话的密钥（换了设备，或清理过浏览器数据）。正在等对方的页面打开，然后重新建立加密。' : '正在等对方打开谈话。对方一到，两台设备就自动建立加密，不用做什么。')
    case 'exchanging':
      return calm('正在和对方的设备建立加密连接…')
    case 'elsewhere':
      return { text: '您正在另一台设备上进行这次谈话。', action: 'here', label: '在这台设备上继续', alarm: false }
    case 'tampered':
      return { text: '有人动过双方交换的密钥，加密没有建立。请不要继续说重要的事，换个网络后重新建立加密。', action: 'anew', label: '重新建立加密', alarm: true }
    case 'refused':
      return { text: '您说双方的数字不一样，可能有人夹在中间，所以暂停了发送。', action: 'anew', label: '重新建立加密', alarm: true }
    case 'agreed':
      return agreedWords(view, around)
    default:
      return null
  }
}

function agreedWords(view: KeyView, { closed, held, lasting }: Around): KeyWords | null {
  if (!view.checked && view.otherFresh) {
    return { text: '对方换了设备。请再核对一次数字，核对后才会把之前的内容发到对方的新设备。', action: 'code', label: '核对数字', alarm: false }
  }
  if (view.fresh && closed > 0) {
    if (held === 0) return calm(`之前的 ${String(closed)} 条内容，双方的设备上都没有密钥了，谁也打不开。可以接着往下聊。`)
    if (held !== null) {
      const text = '之前的内容这台设备还打不开。双方念一遍数字，对方点“数字一样”之后，会自动发到这台设备。'
      return { text, action: 'code', label: '看数字', alarm: false }
    }
  }
  if (!lasting) return calm('这个浏览器不能保存密钥：刷新页面后要重新核对数字。')
  return null
}
