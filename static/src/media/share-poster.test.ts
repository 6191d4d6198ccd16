import { expect, it } from 'vitest'
import { wrap } from './share-poster'

const measure = (text: string) => Array.from(text).length

it('breaks Chinese text by width', () => {
  expect(wrap('走进洗涤新材料车间', 4, 5, measure)).toEqual(['走进洗涤', '新材料车', '间'])
})

it('never begins a line with a comma', () => {
  expect(wrap('走进车间，听故事', 4, 5, measure)).toEqual(['走进车间，', '听故事'])
})

it('ends with an ellipsis when there is more', () => {
  expect(wrap('一二三四五六七八九十', 4, 2, measure)).toEqual(['一二三四', '五六七…'])
})

it('leaves a short text alone', () => {
  expect(wrap('党课', 4, 2, measure)).toEqual(['党课'])
})
