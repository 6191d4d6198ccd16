import { expect, it } from 'vitest'
import { faceOf, hindrance, type Part } from './phase'
import type { Round, Standing } from './standing'
import type { Mine } from './useShake'

const OPENS = Date.parse('2026-07-01T12:00:00.000Z')
const ENDS = OPENS + 30_000
const BY = { id: 'm1', name: '苏映川' }
const ROUND: Round = {
  number: 1, state: 'open', by: BY, nonce_commitment: 'bb', nonce: null, opened_at: '2026-07-01T12:00:00.000Z', closes_at: '2026-07-01T12:00:30.000Z', size: null, total_weight: null, list_hash: null, draws: [],
}
const IN: Part = { eligible: true }
const SHAKEN: Mine = { state: 'taken', sound: true, shaken: { round: 1, pseudonym: 'p1', nonce: '0', weight: 1, at: '2026-07-01T12:00:01.000Z', receipt: '' } }
const OFFERED = { n: 1, pseudonym: 'p2', state: 'offered' as const, secretary: BY, answer_by: null }

const session = (more: Partial<Standing> = {}, ...rounds: Partial<Round>[]): Standing => ({
  id: 's', title: '七月', state: 'open', opens_at: '2026-07-01T12:00:00.000Z', closes_at: '2026-07-01T13:00:00.000Z', secretaries: [BY], branches: null, most_rounds: 5, round_seconds: 30,
  talk_minutes: 15, exclusion_days: 90, favour: 1, seed_commitment: '', receipt_key: '', seed: null, rounds: rounds.map((round) => ({ ...ROUND, ...round })), ...more,
})
const at = (standing: Standing, mine: Mine | null = null, now = OPENS + 1000, online = true) => faceOf(standing, mine, IN, now, online)

it('counts down to the beginning, on the server’s clock', () => {
  expect(at(session({ state: 'announced' }), null, OPENS - 65_000)).toMatchObject({ title: '1 分 05 秒', active: false })
  expect(at(session()).words).toContain('等待书记开始第一轮')
})

it('asks for a shake while a round runs, and says how one’s own stands', () => {
  expect(at(session({}, {}))).toMatchObject({ title: '摇一摇', small: '还剩 29 秒', active: true, taken: false })
  expect(at(session({}, {}), { state: 'sending' })).toMatchObject({ title: '正在送出', active: false, busy: true })
  expect(at(session({}, {}), { state: 'sending' }, OPENS + 1000, false).words).toContain('一连上就送出')
  expect(at(session({}, {}), SHAKEN)).toMatchObject({ title: '已参与', taken: true, active: false })
  expect(at(session({}, {}), { state: 'refused', code: 'busy', reason: '请再试' })).toMatchObject({ words: '请再试', active: true })
})

it('says who came too late, or not at all', () => {
  expect(at(session({}, {}), { state: 'sending' }, ENDS)).toMatchObject({ title: '时间到', busy: true })
  expect(at(session({}, {}), { state: 'refused', code: 'too_late', reason: '这一轮已经结束，请等下一轮' }, ENDS)).toMatchObject({ title: '没有赶上', active: false })
  expect(at(session({}, {}), null, ENDS).words).toBe('这一轮您没有参加。最多还有 4 轮，请留在这里。')
})

it('tells what came of it after the draw', () => {
  const drawn = (state: typeof OFFERED.state | 'accepted' | 'declined', pseudonym = 'p2') => session({}, { state: 'revealed', size: 3, draws: [{ ...OFFERED, state: state, pseudonym }] })
  expect(at(drawn('offered'), SHAKEN, ENDS).words).toContain('正在等一位')
  expect(at(drawn('accepted'), SHAKEN, ENDS).words).toContain('暂时没有抽到您')
  expect(at(drawn('accepted', 'p1'), SHAKEN, ENDS).title).toBe('已聊过')
  expect(at(drawn('declined', 'p1'), SHAKEN, ENDS).words).toContain('没有任何影响')
  expect(at(session({ most_rounds: 1 }, { state: 'revealed' }), null, ENDS).words).toContain('轮次已经用完')
})

it('says in plain words why somebody cannot take part', () => {
  expect(hindrance(IN, 90, OPENS)).toBe('')
  expect(hindrance({ eligible: false, why_not: 'recently_talked', from: '2026-08-01T12:00:00.000Z' }, 90, OPENS)).toMatch(/90 天内不再参加.*8月1日.*起可以再参加/)
  expect(hindrance({ eligible: false, why_not: 'already_drawn' }, 90, OPENS)).toContain('本场已经聊过')
  expect(hindrance({ eligible: false, why_not: 'not_eligible' }, 90, OPENS)).toContain('不能参加抽取')
  expect(faceOf(session({}, {}), null, { eligible: false, why_not: 'not_eligible' }, OPENS + 1000, true)).toMatchObject({ title: '不能参加', active: false })
})

it('ends with thanks, and says where it was called off', () => {
  expect(at(session({ state: 'closed' }, { state: 'revealed' })).words).toBe('谢谢您的参与。本场共 1 轮。')
  expect(at(session({ state: 'cancelled' })).title).toBe('已取消')
})
