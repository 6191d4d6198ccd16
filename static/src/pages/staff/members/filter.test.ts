import { expect, it } from 'vitest'
import { filterFrom, narrows, NO_FILTER, queryOf, sameFilter } from './filter'

const branch = '01a20a3b-7117-7ad0-ad23-e1096d56816a'

it('goes into the address and comes back the same', () => {
  const filter = { q: '小满', branch, status: 'full', role: 'red_host', state: 'invited', sort: '-name' }
  expect(filterFrom(queryOf(filter))).toEqual(filter)
})

it('leaves out what is empty', () => {
  expect(queryOf({ ...NO_FILTER, q: '  ', state: 'active' })).toEqual({ state: 'active' })
})

it('does not believe what an address says', () => {
  expect(filterFrom({ branch: "'; --", status: 'toString', role: ['red_host'], state: 'gone', q: null, sort: 'id' })).toEqual(NO_FILTER)
})

it('sees no difference in spaces', () => {
  expect(sameFilter({ ...NO_FILTER, q: '满 ' }, { ...NO_FILTER, q: '满' })).toBe(true)
  expect(sameFilter({ ...NO_FILTER, q: '满' }, NO_FILTER)).toBe(false)
})

it('is no filter as long as it only sorts', () => {
  expect(narrows({ ...NO_FILTER, sort: 'name' })).toBe(false)
  expect(narrows({ ...NO_FILTER, sort: 'name', q: '满' })).toBe(true)
})
