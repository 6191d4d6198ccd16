import { expect, it } from 'vitest'
import type { Notice } from '@/api'
import { noticesAt } from './useReplayNotices'

const START = Date.parse('2026-07-01T06:30:00.000Z')
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString()
const NOTICES: Notice[] = [
  { id: 'a', kind: 'pinned', text: '第一条', name: '闻小满', at: at(10), until: at(60) },
  { id: 'b', kind: 'announced', text: '请注意', name: '闻小满', at: at(30), until: null },
  { id: 'c', kind: 'pinned', text: '第二条', name: '闻小满', at: at(60), until: at(100) },
]
const shown = (seconds: number) => {
  const { pinned, announced } = noticesAt(NOTICES, START + seconds * 1000)
  return [pinned?.id ?? '', announced?.id ?? '']
}

it('shows each notice while it stood, and an announcement for a while', () => {
  expect(shown(9)).toEqual(['', ''])
  expect(shown(10)).toEqual(['a', ''])
  expect(shown(35)).toEqual(['a', 'b'])
  expect(shown(51)).toEqual(['a', ''])
  expect(shown(60)).toEqual(['c', ''])
  expect(shown(100)).toEqual(['', ''])
})
