import { expect, it } from 'vitest'
import { keyWords, type Around } from './key-words'
import { NO_KEYS, type KeyView } from './keys'

const AROUND: Around = { closed: 0, held: null, lasting: true, over: false }
const said = (view: Partial<KeyView>, around: Partial<Around> = {}) => keyWords({ ...NO_KEYS, ...view }, { ...AROUND, ...around })

it('says nothing while all is well', () => {
  expect(said({ state: 'agreed', round: 1, code: '12345678', checked: true })).toBeNull()
  expect(said({ state: 'agreed', round: 1, code: '12345678' })).toBeNull()
})

it('says in plain words what a new device, a lost key and two lost keys mean', () => {
  expect(said({ state: 'alone', fresh: true })?.text).toContain('换了设备，或清理过浏览器数据')
  expect(said({ state: 'agreed', fresh: true }, { closed: 3, held: 3 })).toMatchObject({ action: 'code' })
  expect(said({ state: 'agreed', fresh: true }, { closed: 3, held: 0 })?.text).toContain('谁也打不开')
  expect(said({ state: 'agreed', otherFresh: true })).toMatchObject({ action: 'code', alarm: false })
  expect(said({ state: 'elsewhere' })).toMatchObject({ action: 'here' })
  expect(said({ state: 'agreed' }, { lasting: false })?.text).toContain('刷新页面后')
})

it('warns where somebody has changed what was said, or the numbers are not alike', () => {
  expect(said({ state: 'tampered' })).toMatchObject({ alarm: true, action: 'anew' })
  expect(said({ state: 'refused' })).toMatchObject({ alarm: true, action: 'anew' })
})

it('says after the end why nothing can be read here', () => {
  expect(said({}, { over: true, closed: 2 })?.text).toContain('没有这次谈话的密钥')
  expect(said({ state: 'agreed' }, { over: true, closed: 0 })).toBeNull()
})
