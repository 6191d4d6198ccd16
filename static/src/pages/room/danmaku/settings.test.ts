import { afterEach, expect, it } from 'vitest'
import { nextTick } from 'vue'
import { withSetup } from '@/core/testing'
import { defaults, provideDanmaku, read } from './settings'

afterEach(() => {
  localStorage.clear()
})

it('is on, unless somebody wants less motion', () => {
  expect(read(null, false).on).toBe(true)
  expect(read(null, true).on).toBe(false)
  expect(read('{"on":true}', true).on).toBe(true)
})

it.each(['', 'null', '[]', '{"area":"everywhere","opacity":80,"on":"yes"}', '{broken'])('makes do with what is kept as %s', (text) => {
  expect(read(text, false)).toEqual(defaults(false))
})

it('is remembered', async () => {
  const first = withSetup({}, provideDanmaku)
  first.result.on = false
  first.result.density = 'many'
  await nextTick()
  first.unmount()
  const second = withSetup({}, provideDanmaku)
  expect(second.result).toMatchObject({ on: false, density: 'many', area: 'half' })
  second.unmount()
})
