import { describe, expect, it } from 'vitest'
import { utf8 } from './bytes'
import { cleaned, MOST_CONTENT, MOST_TEXT, pieces, readContent, written, type Content } from './content'

const key = new Uint8Array(32).fill(7)
const TEXT: Content = { t: 'text', text: '最近还好吗？\n孩子上学了吧' }
const ALL: Content[] = [
  TEXT,
  { t: 'picture', blob: 'b1', key, width: 800, height: 600 },
  { t: 'voice', blob: 'b2', key, type: 'audio/wav', ms: 3_200, wave: new Uint8Array([0, 128, 255]) },
  { t: 'call', step: 'offer', call: 'c1', video: true, text: 'v=0\r\n', part: 0, of: 1 },
  { t: 'call-end', call: 'c1', video: true, how: 'over', ms: 61_000 },
  { t: 'holds', count: 3 },
  { t: 'skipped', round: 2, numbers: [1, 7] },
  { t: 'history', of: 'm1', mine: true, what: { t: 'text', text: '好' } },
]

describe('what is sealed', () => {
  it.each(ALL)('is read as it was written: $t', (content) => {
    expect(readContent(written(content))).toEqual(content)
  })

  it.each([
    '',
    'null',
    '[]',
    '{"t":"other"}',
    '{"t":"text"}',
    '{"t":"text","text":" \\u200b "}',
    '{"t":"picture","blob":"../x","key":"AAAA","width":1,"height":1}',
    '{"t":"picture","blob":"b","key":"AAAA","width":1,"height":1}',
    '{"t":"voice","blob":"b","key":"","type":"text/html","ms":1,"wave":""}',
    '{"t":"call","step":"__proto__","call":"c","video":true,"text":"","part":0,"of":1}',
    '{"t":"holds","count":-1}',
    '{"t":"skipped","round":1}',
    '{"t":"skipped","round":1,"numbers":[0]}',
    '{"t":"skipped","round":1,"numbers":["1"]}',
    `{"t":"skipped","round":1,"numbers":[${'1,'.repeat(200)}1]}`,
  ])('is nothing where it is %s', (text) => {
    expect(readContent(utf8(text))).toBeUndefined()
  })

  it('may come from a page that does not keep to the rules', () => {
    const long = readContent(utf8(JSON.stringify({ t: 'text', text: `a\u202Eb${'字'.repeat(5_000)}` })))
    expect(long).toEqual({ t: 'text', text: `ab${'字'.repeat(MOST_TEXT - 2)}` })
    expect(readContent(utf8(JSON.stringify({ t: 'history', of: 'm1', what: { t: 'history', of: 'm2' } })))).toBeUndefined()
  })
})

it('a text keeps its lines and its family of emoji, and nothing that hides or turns words', () => {
  expect(cleaned('  一\r\n\r\n\r\n\r\n二\t三\u2028四 ')).toBe('一\n\n二 三\n四')
  expect(cleaned('👩‍👩‍👧 é')).toBe('👩‍👩‍👧 é')
  expect(cleaned('a\u202Eb\u2066c\u200Bd\u0000e\uFEFF')).toBe('abcde')
  expect(cleaned('\u200b \u2060')).toBe('')
  expect(cleaned('\ud800x')).toBe('x')
})

it('what is too long for one message goes in several', () => {
  const sdp = 'v'.repeat(20_000)
  const parts = pieces({ step: 'offer', call: 'c1', video: true }, sdp)
  expect(parts.map(({ text }) => text).join('')).toBe(sdp)
  for (const part of parts) expect(written(part).length).toBeLessThanOrEqual(MOST_CONTENT)
  const longest = written({ t: 'history', of: 'm1', mine: true, what: { t: 'text', text: '𠮷'.repeat(MOST_TEXT) } })
  expect(longest.length).toBeLessThanOrEqual(MOST_CONTENT)
})
