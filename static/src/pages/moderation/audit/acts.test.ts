import { expect, it } from 'vitest'
import { actWords, detailWords } from './acts'

it('says an act in words, and shows one that it does not know as it is', () => {
  expect(actWords('held.rejected')).toBe('拒绝待审内容')
  expect(actWords('talk.opened')).toBe('talk.opened')
})

it('tells what matters of each', () => {
  expect(detailWords({ act: 'word_list.changed', more: { added: 3, removed: 0 }, person: null, reason: '' })).toBe('新增 3 个，移除 0 个')
  expect(detailWords({ act: 'mute.set', more: { minutes: 10 }, person: { id: '1', name: '封书瑶', badge: null }, reason: '刷屏' })).toBe('封书瑶，10 分钟，原因：刷屏')
  expect(detailWords({ act: 'mute.set', more: { minutes: null }, person: null, reason: '' })).toBe('直到解除')
  expect(detailWords({ act: 'held.approved', more: {}, person: null, reason: '' })).toBe('')
})
