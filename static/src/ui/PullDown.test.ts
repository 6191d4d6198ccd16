import { expect, it, vi } from 'vitest'
import { showing } from '@/core/testing'
import PullDown from './PullDown.vue'

// The window of the test claims a scrollTop, as no browser's does.
Object.defineProperty(window, 'scrollTop', { value: 0 })

/** A finger on the list, in pixels from the top. */
function finger(type: string, y: number): void {
  const event = Object.assign(new Event(type, { bubbles: true, cancelable: true }), { touches: [{ clientX: 0, clientY: y }] })
  document.querySelector('.van-pull-refresh__track')?.dispatchEvent(event)
}

function pull(): void {
  finger('touchstart', 0)
  for (let y = 10; y <= 200; y += 10) finger('touchmove', y)
  finger('touchend', 200)
}

it('asks again when it is pulled down, and does not call a failure the newest', async () => {
  let answer: () => void = () => undefined
  const refresh = vi.fn(() => new Promise<void>((resolve) => (answer = resolve)))
  const { page, unmount } = showing({}, PullDown, { refresh, message: '' })
  pull()
  await vi.waitFor(() => { expect(refresh).toHaveBeenCalledOnce() })
  expect(page.textContent).not.toContain('已是最新')
  answer()
  await vi.waitFor(() => { expect(page.textContent).toContain('已是最新') })
  unmount()
  const failing = showing({}, PullDown, { refresh: () => Promise.resolve(), message: '没有网络' })
  pull()
  await vi.waitFor(() => { expect(failing.page.textContent).toContain('没有刷新成功') })
  failing.unmount()
})
