import { expect, it } from 'vitest'
import { mayActOnAccount } from './rights'

it('keeps the accounts of office-holders to administrators', () => {
  expect(mayActOnAccount(['administrator'], { roles: ['committee_secretary'] })).toBe(true)
  expect(mayActOnAccount(['affairs_staff'], { roles: [] })).toBe(true)
  expect(mayActOnAccount(['affairs_staff'], { roles: ['affairs_staff'] })).toBe(true)
  expect(mayActOnAccount(['affairs_staff'], { roles: ['administrator'] })).toBe(false)
})
