import { describe, expect, it } from 'vitest'
import type { CallStep } from '@/sealed/content'
import type { Opened, Posted } from '../thread'
import { lastCall } from './last'

describe('the last call, after a reload', () => {
  const word = (mine: boolean, step: CallStep, call = 'c'): { posted: Posted; opened: Opened } => ({
    posted: { mine, at: '2026-07-01T06:30:00.000Z' } as Posted,
    opened: { t: 'call', step, call, video: true, text: '', part: 0, of: 1 },
  })

  it('still rings while nobody has said a word', () => {
    expect(lastCall([word(false, 'ring')]).ring?.signal.call).toBe('c')
    expect(lastCall([word(true, 'ring')]).ring).toBeNull()
    expect(lastCall([word(false, 'ring'), word(false, 'cancel')]).ring).toBeNull()
    expect(lastCall([word(false, 'ring'), word(true, 'accept')])).toMatchObject({ ring: null, open: { call: 'c' } })
  })

  it('is over once somebody has ended it', () => {
    expect(lastCall([word(true, 'ring'), word(false, 'accept'), word(false, 'offer')]).open?.call).toBe('c')
    expect(lastCall([word(true, 'ring'), word(false, 'accept'), word(true, 'hangup')]).open).toBeNull()
    expect(lastCall([]).open).toBeNull()
  })
})
