import { expect, it, vi } from 'vitest'
import { withSetup } from '@/core/testing'
import { useKeys } from './keys'

function listening() {
  const actions = { toggle: vi.fn(), step: vi.fn(), mute: vi.fn(), full: vi.fn() }
  const { unmount } = withSetup({}, () => {
    useKeys(actions)
  })
  return { actions, unmount }
}

const press = (key: string, on: Element = document.body, more: KeyboardEventInit = {}) =>
  on.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))

it('moves by fifteen seconds, stops and goes on', () => {
  const { actions, unmount } = listening()
  press('ArrowLeft')
  press('ArrowRight')
  expect(actions.step.mock.calls).toEqual([[-15], [15]])
  press(' ')
  press('K')
  expect(actions.toggle).toHaveBeenCalledTimes(2)
  unmount()
  press('k')
  expect(actions.toggle).toHaveBeenCalledTimes(2)
})

it('leaves the keys to fields, sliders, sheets and pressed buttons', () => {
  const { actions, unmount } = listening()
  document.body.innerHTML = '<input><div role="slider"></div><div aria-modal="true"><p></p></div><button></button>'
  for (const on of document.body.querySelectorAll('input, [role="slider"], p')) press('ArrowLeft', on)
  press(' ', document.body.querySelector('button')!)
  press('ArrowLeft', document.body, { altKey: true })
  expect(actions.step).not.toHaveBeenCalled()
  expect(actions.toggle).not.toHaveBeenCalled()
  press('ArrowLeft', document.body.querySelector('button')!)
  expect(actions.step).toHaveBeenCalledOnce()
  unmount()
})
