import { expect, it, vi } from 'vitest'
import { reactive, shallowRef } from 'vue'
import { useSeek } from './useSeek'

function made(position = 100, duration = 1000) {
  const line = document.createElement('div')
  vi.spyOn(line, 'getBoundingClientRect').mockReturnValue({ left: 50, width: 200 } as DOMRect)
  const timeline = reactive({ position, duration })
  const seek = vi.fn((to: number) => {
    timeline.position = to
  })
  return { seek, timeline, ...useSeek(shallowRef(line), timeline, seek) }
}

const pointer = (clientX: number, more: Partial<PointerEvent> = {}) =>
  ({ clientX, button: 0, pointerType: 'touch', pointerId: 1, currentTarget: document.createElement('div'), ...more }) as PointerEvent
const key = (name: string) => new KeyboardEvent('keydown', { key: name })

it('shows the time under the finger and seeks when it is let go', () => {
  const one = made()
  one.down(pointer(150))
  expect(one.pointed.value).toBe(500)
  one.move(pointer(200))
  expect(one.shown.value).toBe(750)
  expect(one.seek).not.toHaveBeenCalled()
  one.up(pointer(200))
  expect(one.seek).toHaveBeenCalledExactlyOnceWith(750)
  expect(one.pointed.value).toBeNull()
})

it('goes no further than the ends', () => {
  const one = made()
  one.down(pointer(60))
  one.up(pointer(900))
  one.down(pointer(60))
  one.up(pointer(-40))
  expect(one.seek.mock.calls).toEqual([[1000], [0]])
})

it('forgets a drag that the system has taken away', () => {
  const one = made()
  one.down(pointer(150))
  one.cancel()
  one.up(pointer(150))
  expect(one.seek).not.toHaveBeenCalled()
  expect(one.shown.value).toBe(100)
})

it('shows the time under a mouse without moving', () => {
  const one = made()
  one.move(pointer(150, { pointerType: 'mouse' }))
  expect(one.pointed.value).toBe(500)
  expect(one.shown.value).toBe(100)
})

it('moves by the keyboard: 15 s, a minute, to the ends', () => {
  const one = made()
  for (const name of ['ArrowRight', 'ArrowDown', 'PageUp', 'PageDown', 'End', 'ArrowRight', 'Home', 'ArrowLeft', 'x']) one.key(key(name))
  expect(one.seek.mock.calls.flat()).toEqual([115, 100, 160, 100, 1000, 1000, 0, 0])
})

it('does nothing while the length is unknown', () => {
  const one = made(0, 0)
  one.down(pointer(150))
  one.up(pointer(150))
  expect(one.seek).not.toHaveBeenCalled()
  expect(one.share(3)).toBe(0)
})
