import { expect, it } from 'vitest'
import type { Hit } from '@/api'
import { marked, words } from './hits'

const hit = (word: string, start: number, end: number, action: Hit['action'] = 'hold', list = '广告'): Hit => ({ list, word, action, start, end })
const shown = (text: string, hits: Hit[]) => marked(text, hits).map((piece) => (piece.hit === null ? piece.text : `[${piece.text}]`)).join('')

it('marks by code points, so that emoji and rare characters before a word do not shift it', () => {
  expect(shown('😀😀加微信吧', [hit('加微信', 2, 5)])).toBe('😀😀[加微信]吧')
  expect(shown('𠮷𠮷加微信', [hit('加微信', 2, 5)])).toBe('𠮷𠮷[加微信]')
  expect(shown('👨‍👩‍👧加微信', [hit('加微信', 5, 8)])).toBe('👨‍👩‍👧[加微信]')
})

it('gives overlapping words to the gravest, and loses no character', () => {
  const pieces = marked('加微信群', [hit('微信群', 1, 4, 'mark'), hit('加微信', 0, 3, 'refuse')])
  expect(pieces.map(({ text, hit: by }) => [text, by?.action])).toEqual([['加微信', 'refuse'], ['群', 'mark']])
})

it('keeps to the text where a position lies beyond it', () => {
  expect(shown('好', [hit('好的', 0, 2)])).toBe('[好]')
  expect(shown('', [hit('好', 0, 1)])).toBe('')
})

it('names each word once', () => {
  expect(words([hit('微信', 0, 2, 'mark'), hit('微信', 4, 6, 'mark'), hit('赌', 8, 9, 'refuse', '违法')]).map(({ word }) => word)).toEqual(['赌', '微信'])
})
