import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { withSetup } from '@/core/testing'
import type { Comment } from './comment'
import { useSpoken } from './useSpoken'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})
const comment = (text: string, mine = false): Comment => ({ key: text, offset: 1, text, author: '', name: '封书瑶', badge: null, at: '', mediaAt: null, id: '', answers: '', removed: '', mine, state: 'posted', reason: '' })

it('reads the first one at once, sums up what comes meanwhile, and leaves nobody out', () => {
  const { result, unmount } = withSetup({}, () => useSpoken())
  const { spoken, tell } = result
  tell([comment('一')])
  expect(spoken.value).toBe('封书瑶：一')
  tell([comment('二'), comment('三'), comment('我的', true)])
  expect(spoken.value).toBe('封书瑶：一')
  vi.advanceTimersByTime(5_000)
  expect(spoken.value).toBe('2 条新评论，最后一条是封书瑶：三')
  vi.advanceTimersByTime(5_000)
  tell([comment('长'.repeat(200))])
  expect(spoken.value).toBe(`封书瑶：${'长'.repeat(60)}…`)
  unmount()
})
