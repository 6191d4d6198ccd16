import { expect, it } from 'vitest'
import { safeNext } from './next'

it.each(['/b/1', '/b/1/replay?t=3', '/staff/members#x'])('goes to %s', (path) => {
  expect(safeNext(path)).toBe(path)
})

it.each([undefined, ['/a'], 'b', '//evil.example', '/\\evil.example', '/a\\b', 'https://evil.example', '/\tx', 'javascript:1', '/sign-in?next=/'])(
  'does not go to %s',
  (path) => {
    expect(safeNext(path)).toBe('/')
  },
)
