import { expect, it } from 'vitest'
import type { Broadcast } from '@/api'
import { noticeOf, replayStage, wordsFor } from './state'

const made = (state: Broadcast['state'], replay: Broadcast['replay']['state'], watches = false, manage = false) =>
  ({ state, replay: { state: replay, hls: watches ? '/hls/1/replay.m3u8' : null }, can: { manage, publish: manage, moderate: false } }) as Broadcast

it.each([
  ['scheduled', 'none', 'before'],
  ['rehearsal', 'none', 'before'],
  ['live', 'none', 'on_air'],
  ['interrupted', 'none', 'on_air'],
  ['ended', 'preparing', 'preparing'],
  ['ended', 'withheld', 'unpublished'],
  ['ended', 'none', 'none'],
  ['ended', 'discarded', 'discarded'],
  ['cut_off', 'discarded', 'discarded'],
  ['cut_off', 'preparing', 'cut_off'],
  ['cut_off', 'none', 'cut_off'],
  ['cancelled', 'none', 'cancelled'],
] as const)('of a broadcast that is %s with a replay %s shows %s', (state, replay, stage) => {
  expect(replayStage(made(state, replay))).toBe(stage)
})

it('names who threw the recording away', () => {
  expect(wordsFor('discarded', 'host').text).toContain('主播删除')
  expect(wordsFor('discarded', 'moderator').text).toContain('管理人员删除')
  expect(wordsFor('none', null).title).toBe('这场直播没有录像')
})

it('plays whatever the server lets this person watch', () => {
  expect(replayStage(made('ended', 'withheld', true))).toBe('playable')
  expect(replayStage(made('cut_off', 'withheld', true))).toBe('playable')
})

it('tells insiders that others cannot see it, and lets only the host change that', () => {
  expect(noticeOf(made('ended', 'withheld', true, true))).toBe('withheld')
  expect(noticeOf(made('ended', 'withheld', true))).toBe('withheld_insider')
  expect(noticeOf(made('ended', 'published', true, true))).toBe('published')
  expect(noticeOf(made('ended', 'published', true))).toBeNull()
  expect(noticeOf(made('cut_off', 'withheld', true, true))).toBe('evidence')
  expect(noticeOf(made('ended', 'preparing'))).toBeNull()
})
