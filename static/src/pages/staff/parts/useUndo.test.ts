import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ApiError } from '@/api'
import { withSetup } from '@/core/testing'
import { UNDO_FOR, useUndo } from './useUndo'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('offers the way back for five seconds', () => {
  const { result: undo } = withSetup({}, useUndo)
  undo.say('已停用', () => Promise.resolve())
  vi.advanceTimersByTime(UNDO_FOR - 1)
  expect(undo.notice.value?.text).toBe('已停用')
  vi.advanceTimersByTime(1)
  expect(undo.notice.value).toBeNull()
})

it('waits while somebody points at it', () => {
  const { result: undo } = withSetup({}, useUndo)
  undo.say('已停用')
  undo.hold()
  vi.advanceTimersByTime(UNDO_FOR * 3)
  expect(undo.notice.value).not.toBeNull()
  undo.release()
  vi.advanceTimersByTime(UNDO_FOR)
  expect(undo.notice.value).toBeNull()
})

it('goes back once, and says when it could not', async () => {
  const { result: undo } = withSetup({}, useUndo)
  const back = vi.fn(() => Promise.resolve())
  undo.say('已停用', back)
  await Promise.all([undo.undo(), undo.undo()])
  expect(back).toHaveBeenCalledTimes(1)
  expect(undo.notice.value?.text).toBe('已撤销')

  undo.say('已停用', () => Promise.reject(new ApiError(403, 'role_needed', '您没有这项权限')))
  await undo.undo()
  expect(undo.notice.value?.text).toBe('没能撤销：您没有这项权限')
})
