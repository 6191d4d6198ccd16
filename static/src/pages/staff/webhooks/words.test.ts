import { describe, expect, it } from 'vitest'
import type { Webhook } from '@/api'
import { eventName, outcomeWords, standing } from './words'

const NOW = new Date('2026-07-01T12:00:00').getTime()
const WEBHOOK: Webhook = {
  id: 'a', name: '积分商城', url: 'https://x.cn/', events: [], state: 'active', reason: null, made_at: '', made_by: '', previous_until: null,
  failing_since: null, last_success_at: null, last_error: '', waiting: 0, dead: 0,
}

describe('webhooks in words', () => {
  it('says what came of an attempt', () => {
    expect(outcomeWords({ status: 204, error: '' })).toBe('已收到')
    expect(outcomeWords({ status: 302, error: '' })).toContain('不跟随')
    expect(outcomeWords({ status: 500, error: '' })).toBe('对方回答 500')
    expect(outcomeWords({ status: null, error: 'address_refused' })).toContain('内部网络')
    expect(outcomeWords({ status: null, error: 'unheard_of' })).toBe('没有送到')
    expect(eventName('points.credited')).toBe('积分入账')
  })

  it('says how an endpoint is doing, and why it is paused', () => {
    expect(standing(WEBHOOK, NOW)).toMatchObject({ mood: 'good', label: '等待事件' })
    const failing = standing({ ...WEBHOOK, failing_since: new Date(NOW - 60_000).toISOString(), last_error: '503' }, NOW)
    expect(failing).toMatchObject({ mood: 'warn' })
    expect(failing.text).toContain('对方回答 503')
    expect(standing({ ...WEBHOOK, state: 'paused', reason: 'failing' }, NOW).text).toContain('连续三天')
    expect(standing({ ...WEBHOOK, state: 'paused', reason: 'gone' }, NOW).text).toContain('410')
  })
})
