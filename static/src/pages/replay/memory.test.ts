import { expect, it } from 'vitest'
import { ReplayMemory } from './memory'

function store(text: string | null = null) {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? text,
    setItem: (key: string, value: string) => {
      kept.set(key, value)
    },
  }
}

it('returns to where one stopped', () => {
  const one = new ReplayMemory('m', store())
  one.save('a', 754.6, 3600)
  one.save('b', 30, 3600)
  expect(one.load('a')).toBe(754)
  expect(one.load('c')).toBeNull()
})

it('keeps the places of two members of one device apart', () => {
  const shared = store()
  new ReplayMemory('m', shared).save('a', 754, 3600)
  expect(new ReplayMemory('n', shared).load('a')).toBeNull()
  expect(new ReplayMemory(null, shared).load('a')).toBeNull()
  expect(new ReplayMemory('m', shared).load('a')).toBe(754)
})

it('forgets what has only begun or is nearly over', () => {
  const one = new ReplayMemory('m', store())
  one.save('a', 754, 3600)
  one.save('a', 3590, 3600)
  expect(one.load('a')).toBeNull()
  one.save('a', 5, 3600)
  expect(one.load('a')).toBeNull()
})

it('keeps the last fifty', () => {
  const one = new ReplayMemory('m', store())
  for (let each = 0; each < 60; each += 1) one.save(String(each), 100, 3600)
  expect(one.load('9')).toBeNull()
  expect(one.load('59')).toBe(100)
})

it.each(['{not json', '{"a":1}', '[1,["a","b"],[null,3]]'])('survives a store that holds %s', (text) => {
  const one = new ReplayMemory('m', store(text))
  expect(one.load('a')).toBeNull()
  one.save('a', 100, 3600)
  expect(one.load('a')).toBe(100)
})

it('does without a store', () => {
  const none = new ReplayMemory('m', null)
  none.save('a', 100, 3600)
  expect(none.load('a')).toBeNull()
})
