import { expect, it } from 'vitest'
import { presence, stay } from './roster'

const at = (hour: number, minute: number) => new Date(2026, 6, 1, hour, minute).toISOString()

it('says from when to when somebody was there', () => {
  expect(stay({ joined_at: null, left_at: null })).toBe('未进入')
  expect(stay({ joined_at: at(19, 2), left_at: null })).toBe('19:02 进入，在场')
  expect(stay({ joined_at: at(19, 2), left_at: at(20, 31) })).toBe('19:02–20:31')
  expect(stay({ joined_at: at(19, 2), left_at: at(19, 2) })).toBe('19:02')
})

it('says where somebody proved that they were present', () => {
  expect(presence({ confirmed_at: null, way: null })).toBe('未到')
  expect(presence({ confirmed_at: at(19, 30), way: 'live' })).toBe('到课')
  expect(presence({ confirmed_at: at(21, 0), way: 'replay' })).toBe('回看')
})
