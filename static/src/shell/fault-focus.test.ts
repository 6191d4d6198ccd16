import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { focusFaults } from './fault-focus'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
  document.body.innerHTML = ''
})

function sent(fields: string): void {
  document.body.innerHTML = `<form>${fields}</form>`
  focusFaults(document)
  document.querySelector('form')?.dispatchEvent(new Event('submit', { bubbles: true }))
  vi.advanceTimersByTime(100)
}

it('leads to the first field that is wrong', () => {
  sent('<input id="a" /><input id="b" aria-invalid="true" /><input id="c" aria-invalid="true" />')
  expect(document.activeElement?.id).toBe('b')
})

it('leaves the focus alone where nothing is wrong', () => {
  sent('<input id="a" />')
  expect(document.activeElement?.id).not.toBe('a')
})
