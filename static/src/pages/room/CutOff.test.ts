import { expect, it, vi } from 'vitest'
import type { Broadcast } from '@/api'
import { showing } from '@/core/testing'
import CutOff from './CutOff.vue'

it('says who will read the reason before it asks for one', async () => {
  const cutOff = vi.fn(() => Promise.resolve({} as Broadcast))
  const { page, press, unmount } = showing({ cutOff }, CutOff, { broadcast: { id: 'b' } })
  press('断流')
  await vi.waitFor(() => { expect(page.textContent).toContain('只有主播、联合主播和管理人员看得到，观众看不到') })
  page.querySelector('form')?.dispatchEvent(new Event('submit'))
  await vi.waitFor(() => { expect(page.querySelector('[role=alert]')?.textContent).toBe('请写明原因') })
  expect(page.textContent).not.toContain('显示给观众')
  expect(cutOff).not.toHaveBeenCalled()
  unmount()
})
