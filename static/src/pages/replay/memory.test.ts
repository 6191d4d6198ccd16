import { expect, it } from 'vitest'
import { ReplayMemory } from './memory'

function memory(text: string | null = null) {
  let kept = text
  return new ReplayMemory({
    getItem: () => kept,
    setItem: (_key, value) => {
      kept = value
    },
  })
}

it('returns to where one stopped', () => {
  const one = memory()
  one.save('a', 754.6, 3600)
  one.save('b', 30, 3600)
  expect(one.load('a')).toBe(754)
  expect(one.load('c')).toBeNull()
})

it('forgets what has only begun or is nearly over', () => {
  const one = memory()
  one.save('a', 754, 3600)
  one.save('a', 3590, 3600)
  expect(one.load('a')).toBeNull()
  one.save('a', 5, 3600)
  expect(one.load('a')).toBeNull()
})

it('keeps the last fifty', () => {
  const one = memory()
  for (let each = 0; each < 60; each += 1) one.save(String(each), 100, 3600)
  expect(one.load('9')).toBeNull()
  expect(one.load('59')).toBe(100)
})

it('survives a broken or missing store', () => {
  expect(memory('{not json').load('a')).toBeNull()
  const none = new ReplayMemory(null)
  none.save('a', 100, 3600)
  expect(none.load('a')).toBeNull()
})
