/** Times, lengths and counts in the words people use. Times are shown in the reader's own zone. */

const WEEKDAYS = ['周日', '周一', '周二', '周三', '周四', '周五', '周六'] as const
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const two = (value: number): string => String(value).padStart(2, '0')

export function clockTime(at: number | string): string {
  const date = new Date(at)
  return `${two(date.getHours())}:${two(date.getMinutes())}`
}

/** 今天 19:30, 明天 08:00, 7月1日 周三 19:30, 2025年7月1日 19:30. */
export function dayAndTime(at: number | string, now: number): string {
  return `${dayInWords(at, now)} ${clockTime(at)}`
}

export function dayInWords(at: number | string, now: number): string {
  const date = new Date(at)
  const days = Math.round((midnight(date) - midnight(new Date(now))) / DAY)
  if (days === 0) return '今天'
  if (days === 1) return '明天'
  if (days === -1) return '昨天'
  const monthDay = `${date.getMonth() + 1}月${date.getDate()}日`
  if (date.getFullYear() !== new Date(now).getFullYear()) return `${date.getFullYear()}年${monthDay}`
  return Math.abs(days) < 60 ? `${monthDay} ${WEEKDAYS[date.getDay()] ?? ''}` : monthDay
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime()
}

/** 7月1日 周三 19:30, whatever day it is read on: for what is passed on and read later. The year is left out in its own year. */
export function dateAndTime(at: number | string, now: number): string {
  const date = new Date(at)
  const year = date.getFullYear() === new Date(now).getFullYear() ? '' : `${date.getFullYear()}年`
  return `${year}${date.getMonth() + 1}月${date.getDate()}日 ${WEEKDAYS[date.getDay()] ?? ''} ${clockTime(at)}`
}

/** As the browser's date field has it, in the reader's own zone: 2026-07-01T19:30 */
export function toLocal(at: number | string): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`
}

/** 3 分钟前, 2 小时前, 昨天 19:30. */
export function ago(at: number | string, now: number): string {
  const passed = now - new Date(at).getTime()
  if (passed < MINUTE) return '刚刚'
  if (passed < HOUR) return `${Math.floor(passed / MINUTE)} 分钟前`
  if (passed < 6 * HOUR) return `${Math.floor(passed / HOUR)} 小时前`
  return dayAndTime(at, now)
}

/** The two largest units of a wait: 3 天 2 小时, 2 小时 15 分, 4 分 05 秒. */
export function countdownInWords(milliseconds: number): string {
  const left = Math.max(0, milliseconds)
  if (left >= DAY) return parts(Math.floor(left / DAY), '天', Math.floor((left % DAY) / HOUR), '小时')
  if (left >= HOUR) return parts(Math.floor(left / HOUR), '小时', Math.floor((left % HOUR) / MINUTE), '分')
  const seconds = Math.ceil(left / 1000)
  if (seconds >= 60) return `${Math.floor(seconds / 60)} 分 ${two(seconds % 60)} 秒`
  return `${seconds} 秒`
}

function parts(first: number, large: string, second: number, small: string): string {
  return second === 0 ? `${first} ${large}` : `${first} ${large} ${second} ${small}`
}

/** 1:02:03 or 2:03, for players and timers. */
export function timer(seconds: number): string {
  const whole = Math.max(0, Math.floor(Number.isFinite(seconds) ? seconds : 0))
  const minutes = Math.floor(whole / 60) % 60
  const hours = Math.floor(whole / 3600)
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`
}

/** 1 小时 12 分, 45 分钟, 38 秒: a length in words. */
export function lengthInWords(seconds: number): string {
  const minutes = Math.round(seconds / 60)
  if (seconds < 59.5) return `${Math.max(1, Math.round(seconds))} 秒`
  if (minutes < 60) return `${minutes} 分钟`
  const rest = minutes % 60
  return rest === 0 ? `${Math.floor(minutes / 60)} 小时` : `${Math.floor(minutes / 60)} 小时 ${rest} 分`
}

/** 128, 1.2万 */
export function count(value: number): string {
  if (value < 10_000) return String(value)
  return `${(value / 10_000).toFixed(1).replace(/\.0$/, '')}万`
}

export function size(bytes: number): string {
  if (bytes < 1024 * 1024) return `${Math.max(1, Math.round(bytes / 1024))} KB`
  if (bytes < 1024 ** 3) return `${(bytes / 1024 ** 2).toFixed(bytes < 10 * 1024 ** 2 ? 1 : 0)} MB`
  return `${(bytes / 1024 ** 3).toFixed(1)} GB`
}

export function bitrate(bitsPerSecond: number): string {
  if (bitsPerSecond < 1_000_000) return `${Math.round(bitsPerSecond / 1000)} kbit/s`
  return `${(bitsPerSecond / 1_000_000).toFixed(1)} Mbit/s`
}
