import { describe, expect, it } from 'vitest'
import { mirrored, otherLens } from './lens'

describe('the other camera', () => {
  it('is the one on the other side of a phone, however many there are on one side', () => {
    expect(otherLens({ deviceId: 'b', facingMode: 'environment' }, ['a', 'b', 'c', 'd'])).toEqual({ facing: 'user' })
    expect(otherLens({ deviceId: 'a', facingMode: 'user' }, ['a', 'b', 'c', 'd'])).toEqual({ facing: 'environment' })
  })

  it('is the next one where cameras do not say which way they look', () => {
    expect(otherLens({ deviceId: 'a' }, ['a', 'b'])).toMatchObject({ device: 'b' })
    expect(otherLens({ deviceId: 'b' }, ['a', 'b'])).toMatchObject({ device: 'a' })
    expect(otherLens({ deviceId: 'gone' }, ['a', 'b'])).toMatchObject({ device: 'a' })
    expect(otherLens({}, [])).toEqual({ facing: 'user' })
  })

  it('shows as in a mirror only who holds the phone', () => {
    expect(mirrored({ facingMode: 'user' })).toBe(true)
    expect(mirrored({})).toBe(true)
    expect(mirrored({ facingMode: 'environment' })).toBe(false)
  })
})
