import { expect, it } from 'vitest'
import { endWords, erasedWords, inPairs, leftOf, lengthOf, spokenLength, talkAfter, type LiveTalk } from './talk'

const TALK: LiveTalk = {
  id: 't', state: 'waiting', minutes: 15, begun_at: '2026-07-01T06:00:00.000Z', opened_at: null, ends_at: null, ended_at: null, reason: null,
  secretary: { id: 's', name: '文书记' }, member: { id: 'm', name: '封书瑶' }, extension: { used: 0, most: 2, asked_by: null }, keep_nothing: [],
  summary: { state: 'none', by: null }, erased: null,
}
const entry = (type: string, data: Record<string, unknown>) => ({ offset: 1, type, at: '', data })

it('is what the entries say it has become, and nothing that other entries say', () => {
  const opened = talkAfter(TALK, [entry('talk.opened', { state: 'open', ends_at: '2026-07-01T06:15:00.000Z' }), entry('message.posted', { state: 'broken' })])
  expect(opened).toMatchObject({ state: 'open', minutes: 15 })
  expect(leftOf(opened, Date.parse('2026-07-01T06:13:30.000Z'))).toBe(90_000)
  expect(leftOf(opened, Date.parse('2026-07-01T06:16:00.000Z'))).toBe(0)
  expect(leftOf(TALK, 0)).toBeNull()
})

it('says in words how it ended', () => {
  expect(endWords({ ...TALK, state: 'ended', reason: 'member' }, 'member')).toBe('您结束了这次谈话')
  expect(endWords({ ...TALK, state: 'ended', reason: 'member' }, 'secretary')).toBe('对方结束了这次谈话')
  expect(endWords({ ...TALK, state: 'ended', reason: 'nobody_came' }, 'member')).toContain('没有开始')
  expect(erasedWords('secretary', 'member')).toBe('对方已删除本次谈话内容')
  expect(erasedWords('member', 'member')).toContain('您已删除')
})

it('writes lengths as one reads them', () => {
  expect([lengthOf(0), lengthOf(61_500), lengthOf(3_600_000), lengthOf(-5)]).toEqual(['0:00', '1:01', '60:00', '0:00'])
  expect([spokenLength(4_400), spokenLength(120_000), spokenLength(65_000)]).toEqual(['4 秒', '2 分钟', '1 分 5 秒'])
  expect(inPairs('01234567')).toEqual(['01', '23', '45', '67'])
})
