import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { applyLook, look, setHall, setLook } from './look'

const dark = () => document.documentElement.classList.contains('dark')
let phone: { matches: boolean; addEventListener: (name: string, told: () => void) => void }
let told: () => void

beforeEach(() => {
  localStorage.clear()
  phone = { matches: false, addEventListener: (_name, listener) => { told = listener } }
  vi.stubGlobal('matchMedia', () => phone)
  applyLook()
  setHall(false)
})
afterEach(() => {
  setLook('system')
  setHall(false)
})

it('follows the phone, also when the phone changes', () => {
  expect(dark()).toBe(false)
  phone.matches = true
  told()
  expect(dark()).toBe(true)
})

it('keeps what was chosen against the phone, also for the next visit', () => {
  phone.matches = true
  setLook('light')
  expect(dark()).toBe(false)
  document.documentElement.removeAttribute('data-look')
  applyLook()
  expect(look()).toBe('light')
  expect(dark()).toBe(false)
})

it('makes the room dark whatever was chosen, and daylight again after it', () => {
  setLook('light')
  setHall(true)
  expect(dark()).toBe(true)
  setHall(false)
  expect(dark()).toBe(false)
})
