import { expect, it } from 'vitest'
import { pieces } from './links'

const links = (text: string) => pieces(text).filter(({ href }) => href !== '')
const whole = (text: string) => pieces(text).map((piece) => piece.text).join('')

it.each([
  ['资料在 https://example.com/a?b=1#c，请下载', 'https://example.com/a?b=1#c'],
  ['（http://example.com/党课.pdf）', 'http://example.com/党课.pdf'],
  ['看 https://example.com.', 'https://example.com'],
  ['HTTPS://EXAMPLE.COM/路', 'HTTPS://EXAMPLE.COM/路'],
])('finds the address in %s', (text, address) => {
  expect(links(text).map((piece) => piece.text)).toEqual([address])
  expect(whole(text)).toBe(text)
})

it.each([
  '没有地址',
  'javascript:alert(1)',
  'data:text/html,<script>',
  'https://bank.example@evil.example/',
  'https://user:pw@evil.example/',
  'https://localhost/admin',
  'https:///nothing',
  'http://',
])('makes no link of %s', (text) => {
  expect(links(text)).toEqual([])
  expect(whole(text)).toBe(text)
})

it('keeps every character, whatever stands between two addresses', () => {
  const text = '一 https://a.example/1 二 https://b.example 三'
  expect(pieces(text).map((piece) => [piece.text, piece.href])).toEqual([
    ['一 ', ''],
    ['https://a.example/1', 'https://a.example/1'],
    [' 二 ', ''],
    ['https://b.example', 'https://b.example/'],
    [' 三', ''],
  ])
})
