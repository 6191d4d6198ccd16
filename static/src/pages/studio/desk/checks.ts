/** The check before going on air, as rows a host can read: what is fine, what is not, and the way out. */
import type { Support } from '@/media/support'
import { OPEN_OUTSIDE } from '@/core/device'
import type { Verdict } from '@/media/uplink'

export interface Check {
  key: 'secure' | 'devices' | 'camera' | 'microphone' | 'h264' | 'network'
  label: string
  /** null: not known yet. */
  ok: boolean | null
  words: string
}

export interface Findings {
  support: Support
  opened: boolean
  hasPicture: boolean
  hasSound: boolean
  heard: boolean
  cameraFault: string
  microphoneFault: string
  network: { running: boolean; verdict: Verdict | null; words: string }
}

export function checksOf(found: Findings): Check[] {
  const { support } = found
  if (!support.secure) {
    return [{
      key: 'secure', label: '安全连接', ok: false,
      words: '当前地址不是 https，浏览器不允许使用摄像头和麦克风。请用 https 地址打开本页，或改用 OBS 推流',
    }]
  }
  if (!support.devices) {
    return [{ key: 'devices', label: '摄像头和麦克风', ok: false, words: `这个浏览器不能使用摄像头和麦克风。${elsewhere(support)}` }]
  }
  return [camera(found), microphone(found), h264(support), network(found)]
}

/** Another browser, named as people find it where they are. */
function elsewhere({ place }: Support): string {
  if (place === 'wechat') return `${OPEN_OUTSIDE}再开播；也可以用 OBS 推流`
  const other = place === 'iphone' ? '请升级系统，用 Safari 打开' : place === 'android' ? '请换用最新版 Chrome 或手机自带浏览器' : '请换用最新版 Chrome 或 Edge'
  return `${other}；也可以用 OBS 推流`
}

/** Whether sending from this browser can work at all. */
export function canSend(found: Findings): boolean {
  return checksOf(found).every((check) => check.ok !== false || check.key === 'network' || check.key === 'microphone' || check.key === 'camera') && (found.hasPicture || found.hasSound)
}

function camera(found: Findings): Check {
  if (found.hasPicture && found.cameraFault === '') return { key: 'camera', label: '画面', ok: true, words: '画面正常，请看预览' }
  const words = found.cameraFault || (found.opened ? '没有画面，将只有声音' : '还没有打开')
  return { key: 'camera', label: '画面', ok: found.opened ? false : null, words }
}

function microphone(found: Findings): Check {
  if (!found.hasSound) return { key: 'microphone', label: '麦克风', ok: found.opened ? false : null, words: found.microphoneFault || '还没有打开' }
  return found.heard
    ? { key: 'microphone', label: '麦克风', ok: true, words: '听到声音了' }
    : { key: 'microphone', label: '麦克风', ok: null, words: '请对着麦克风说句话，看音量条是否跳动' }
}

function h264(support: Support): Check {
  if (support.h264 === 'no' || !support.peer) {
    return {
      key: 'h264', label: '视频编码', ok: false,
      words: `${support.place === 'wechat' ? '微信内置的' : '这个'}浏览器不能发送 H.264 视频，无法开播。${elsewhere(support)}`,
    }
  }
  return { key: 'h264', label: '视频编码', ok: true, words: support.h264 === 'yes' ? '支持 H.264' : '开播时自动检测' }
}

function network({ network: { running, verdict, words } }: Findings): Check {
  if (running) return { key: 'network', label: '网络', ok: null, words: '正在试推几秒钟，观众看不到' }
  if (verdict === null) return { key: 'network', label: '网络', ok: words === '' ? null : false, words: words || '建议开播前测一次' }
  return { key: 'network', label: '网络', ok: verdict !== 'poor', words }
}
