import { expect, it, vi } from 'vitest'
import { ApiError, type Api } from '@/api'
import { withSetup } from '@/core/testing'
import { settled } from '@/protocol/testing'
import { parted, useWords } from './useWords'

it('parts words by lines and by the commas of either script', () => {
  expect(parted(' 加微信，刷单、代开\n代开发票;刷单 \n')).toEqual(['加微信', '刷单', '代开', '代开发票'])
})

it('adds words, looks again, and says what the server would not take', async () => {
  const changeWords = vi.fn<Api['changeWords']>().mockResolvedValueOnce({ words: 2 }).mockRejectedValueOnce(new ApiError(422, 'word_invalid', '“！”：没有文字，只有标点或符号'))
  const words = vi.fn<Api['words']>(() => Promise.resolve({ items: ['刷单', '加微信'], next: null, total: 2 }))
  const changed = vi.fn()
  const { result } = withSetup({ words, changeWords }, () => useWords('l', changed))
  await settled()
  expect(await result.add('加微信\n刷单')).toBe(true)
  expect(changeWords).toHaveBeenLastCalledWith('l', { add: ['加微信', '刷单'] })
  expect(result.words.value).toEqual(['刷单', '加微信'])
  expect(changed).toHaveBeenCalledOnce()
  expect(await result.add('！')).toBe(false)
  expect(result.adding.message.value).toBe('“！”：没有文字，只有标点或符号')
  expect(await result.add(' \n')).toBe(false)
  expect(changeWords).toHaveBeenCalledTimes(2)
})
