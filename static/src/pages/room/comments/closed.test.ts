import { expect, it } from 'vitest'
import type { Broadcast } from '@/api'
import { closedWords } from './closed'

const room = (more: Partial<Broadcast>) => ({ state: 'live', comment_mode: 'post_moderated', muted: false, ...more }) as Broadcast

it('says why one cannot write', () => {
  expect(closedWords(room({}), false)).toBe('')
  expect(closedWords(room({ comment_mode: 'off' }), true)).toContain('关闭')
  expect(closedWords(room({ state: 'scheduled' }), false)).toContain('开播后')
  expect(closedWords(room({ state: 'ended' }), false)).toContain('已结束')
})

it('leaves those who keep the room their words while everybody else is silent', () => {
  expect(closedWords(room({ muted: true }), false)).toContain('全员禁言')
  expect(closedWords(room({ muted: true }), true)).toBe('')
})
