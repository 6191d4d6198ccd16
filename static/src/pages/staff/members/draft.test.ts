import { expect, it } from 'vitest'
import type { MemberRow } from '@/api'
import { changesOf, draftOf, faultsOf, inputOf } from './draft'

const member = { id: 'm', name: '闻小满', mobile: '10000000006', branch: { id: 'b', name: '总部' }, status: 'full' } as MemberRow

it('sends only what has changed', () => {
  const draft = draftOf(member)
  expect(changesOf(draft, member)).toEqual({})
  expect(changesOf({ ...draft, name: ' 闻小满 ' }, member)).toEqual({})
  expect(changesOf({ ...draft, branch_id: '', status: 'retired' }, member)).toEqual({ branch_id: null, status: 'retired' })
})

it('forgives how a number is written', () => {
  for (const mobile of ['100 0000 0006', '+86 100-0000-0006', '１００００００００06']) {
    expect(inputOf({ ...draftOf(member), mobile }).mobile).toBe('10000000006')
  }
})

it('says what is missing before the server is asked', () => {
  expect(Object.keys(faultsOf(draftOf(null)))).toEqual(['name', 'mobile'])
  expect(faultsOf(draftOf(member))).toEqual({})
  expect(faultsOf({ ...draftOf(member), mobile: '123' })['mobile']).toContain('11 位')
})
