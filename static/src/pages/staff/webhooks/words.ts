/** Webhooks in words. Pure. */
import type { Webhook, WebhookOutcome } from '@/api'
import { dayAndTime } from '@/core/format'

export const EVENTS = [
  { value: 'points.credited', label: '积分入账', hint: '加分、扣分记入台账之后' },
  { value: 'points.reversed', label: '积分更正', hint: '一条记录被冲销之后' },
  { value: 'publication.opened', label: '公示开始', hint: '' },
  { value: 'publication.closed', label: '公示结束', hint: '' },
] as const
export type EventName = (typeof EVENTS)[number]['value']

const NAMES: Readonly<Record<string, string>> = { ...Object.fromEntries(EVENTS.map(({ value, label }) => [value, label])), 'webhook.test': '测试' }
export const eventName = (type: string): string => NAMES[type] ?? type

const ERRORS: Readonly<Record<string, string>> = {
  timeout: '10 秒内没有回答',
  name_unknown: '域名解析不到',
  address_refused: '域名指向内部网络，已拒绝',
  not_connected: '连接不上',
  tls_failed: '证书不可信',
  broken_off: '连接中断',
}

/** What came of one attempt: 已收到, or what was wrong. */
export function outcomeWords(outcome: Pick<WebhookOutcome, 'status' | 'error'>): string {
  if (outcome.status === null) return ERRORS[outcome.error] ?? '没有送到'
  if (outcome.status >= 200 && outcome.status < 300) return '已收到'
  if (outcome.status >= 300 && outcome.status < 400) return `对方要求转到别处（${outcome.status}），不跟随`
  return `对方回答 ${outcome.status}`
}

export type Mood = 'good' | 'warn' | 'off'

/** How an endpoint is doing, in one line, and how much that should worry. */
export function standing(of: Webhook, now: number): { mood: Mood; label: string; text: string } {
  if (of.state === 'paused') return { mood: 'off', label: '已暂停', text: paused(of) }
  if (of.failing_since) {
    const why = outcomeWords({ status: Number(of.last_error) || null, error: of.last_error })
    return { mood: 'warn', label: '送不到', text: `${dayAndTime(of.failing_since, now)}起没有送达：${why}。系统会自动重试，恢复后按顺序补发。` }
  }
  if (of.last_success_at) return { mood: 'good', label: '正常', text: `最近送达：${dayAndTime(of.last_success_at, now)}` }
  return { mood: 'good', label: '等待事件', text: '还没有推送过，可以先发一次测试。' }
}

function paused(of: Webhook): string {
  const after = '暂停期间的事件会留着，恢复后补发。'
  if (of.reason === 'gone') return `对方回答 410，表示不再接收，已自动暂停。${after}`
  if (of.reason === 'failing') return `连续三天没有一次送达，已自动暂停。请联系对方后再恢复。${after}`
  if (of.reason === 'secret_lost') return `服务器的密钥换过，原来的签名密钥读不出来了。请先更换密钥，再恢复。${after}`
  return after
}
