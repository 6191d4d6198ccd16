import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ref } from 'vue'
import { withSetup } from '@/core/testing'
import { useControls } from './useControls'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const touched = { pointerType: 'touch' } as PointerEvent
const moved = { pointerType: 'mouse' } as PointerEvent
const on = (tabIndex: number) => ({ target: { tabIndex } }) as unknown as FocusEvent

function made(keep = ref(false)) {
  return withSetup({}, () => useControls(keep))
}

/** What a browser sends for one tap on the picture: a movement and a focus that nobody made, then the click. */
function tapOn(controls: ReturnType<typeof useControls>): void {
  controls.moved(touched)
  controls.focused(on(-1))
  controls.tap()
}

it('comes and goes with the taps of a finger', () => {
  const { result, unmount } = made()
  vi.advanceTimersByTime(3_500)
  expect(result.shown.value).toBe(false)
  tapOn(result)
  expect(result.shown.value).toBe(true)
  tapOn(result)
  expect(result.shown.value).toBe(false)
  unmount()
})

it('comes with the mouse and rests a while after it', () => {
  const { result, unmount } = made()
  vi.advanceTimersByTime(4_000)
  result.moved(moved)
  expect(result.shown.value).toBe(true)
  vi.advanceTimersByTime(3_500)
  expect(result.shown.value).toBe(false)
  unmount()
})

it('stays while it is needed', () => {
  const keep = ref(true)
  const { result, unmount } = made(keep)
  vi.advanceTimersByTime(60_000)
  tapOn(result)
  expect(result.shown.value).toBe(true)
  unmount()
})

it('knows whether the keyboard or a pointer came last', () => {
  const { result, unmount } = made()
  document.dispatchEvent(new Event('keydown'))
  expect(result.byKey.value).toBe(true)
  document.dispatchEvent(new Event('pointerdown'))
  expect(result.byKey.value).toBe(false)
  unmount()
})
