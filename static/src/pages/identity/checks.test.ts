import { expect, it } from 'vitest'
import { mobileFault, newPasswordFault, passwordStrength } from './checks'

it('knows a mobile number', () => {
  expect(mobileFault('10000000001')).toBe('')
  expect(mobileFault('')).toContain('请输入')
  expect(mobileFault('1380013800')).toContain('11 位')
})

it('says in words how good a password is', () => {
  expect(passwordStrength('').level).toBe(0)
  expect(passwordStrength('abc').words).toBe('还差 7 位')
  expect(passwordStrength('1234567890').words).toContain('太容易')
  expect(passwordStrength('ab00000001', '10000000001').words).toContain('太容易')
  expect(passwordStrength('aaaaaaaabab').level).toBe(1)
  expect(passwordStrength('demo-hongbo').level).toBe(2)
  expect(passwordStrength('xiawu sandian kai hui').level).toBe(3)
})

it('refuses only what is short or everybody guesses', () => {
  expect(newPasswordFault('8888888888')).not.toBe('')
  expect(newPasswordFault('short')).toContain('至少')
  expect(newPasswordFault('demo-hongbo')).toBe('')
})
