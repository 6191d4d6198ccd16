import { beforeEach, expect, it } from 'vitest'
import { createKept, joined } from './kept'
import { promisesOf } from './proof/promises'
import type { Published } from './proof/verify'

const shaken = (round: number, nonce = 'n') => ({ round, pseudonym: 'p', nonce, weight: 1, at: '', receipt: 'r' })
const proof = (more: Partial<Published> = {}): Published => ({
  id: 's', favour: 1, seed_commitment: 'aa', seed: null, receipt_key: '04', draws: [],
  rounds: [{ number: 1, state: 'revealed', nonce_commitment: 'bb', nonce: null, size: 1, total_weight: 1, list_hash: 'cc' }], ...more,
})

beforeEach(() => {
  localStorage.clear()
})

it('keeps what was promised first, and each receipt once', () => {
  const kept = createKept('me')
  expect(kept.read('s')).toBeNull()
  kept.receipt('s', shaken(1), 1) // of a session whose promise nobody has seen: there is nothing to hold it to
  kept.promise('s', 'aa', '04', 1)
  kept.promise('s', 'changed', 'changed', 2)
  kept.nonce('s', 1, 'bb')
  kept.nonce('s', 1, 'changed')
  kept.list('s', 1, 'cc')
  kept.list('s', 1, 'changed')
  kept.receipt('s', shaken(1), 3)
  kept.receipt('s', shaken(1, 'other'), 4)
  expect(kept.read('s')).toEqual({ at: 3, seedCommitment: 'aa', receiptKey: '04', nonces: { 1: 'bb' }, lists: { 1: 'cc' }, receipts: [shaken(1)] })
  expect(createKept('you').read('s')).toBeNull()
})

it('lets the oldest sessions go, and is not put off by what it cannot read', () => {
  const kept = createKept('me')
  for (let number = 0; number < 25; number += 1) kept.promise(`s${number}`, 'aa', '04', number)
  expect([kept.read('s4'), kept.read('s5')?.at]).toEqual([null, 5])
  localStorage.setItem('hongbo.shake.me.s9', '{"half')
  expect(kept.read('s9')).toBeNull()
  const refusing = { length: 0, key: () => null, getItem: () => { throw new Error('no') }, setItem: () => { throw new Error('no') }, removeItem: () => undefined }
  const none = createKept('me', refusing)
  none.promise('s', 'aa', '04', 1)
  expect(none.read('s')).toBeNull()
})

it('reads what an earlier version has kept', () => {
  localStorage.setItem('hongbo.shake.me.s', JSON.stringify({ at: 1, seedCommitment: 'aa', receiptKey: '04', nonces: {}, receipts: [] }))
  expect(createKept('me').read('s')?.lists).toEqual({})
})

it('takes the phone’s own word before the server’s', () => {
  expect(joined([shaken(2, 'mine')], [shaken(1), shaken(2)]).map(({ round, nonce }) => [round, nonce])).toEqual([[1, 'n'], [2, 'mine']])
})

it('finds out a server that says something else than before', () => {
  const kept = { at: 1, seedCommitment: 'aa', receiptKey: '04', nonces: { 1: 'bb' }, lists: { 1: 'cc' }, receipts: [shaken(1)] }
  expect(promisesOf(null, proof())).toEqual({ state: 'none' })
  expect(promisesOf(kept, proof())).toEqual({ state: 'held', nonces: 1 })
  expect(promisesOf(kept, proof({ seed_commitment: 'zz' }))).toMatchObject({ state: 'broken', what: 'seed' })
  expect(promisesOf(kept, proof({ receipt_key: '05' }))).toMatchObject({ state: 'broken', what: 'key' })
  expect(promisesOf(kept, proof({ rounds: [{ ...proof().rounds[0]!, nonce_commitment: 'zz' }] }))).toMatchObject({ state: 'broken', what: 'nonce', round: 1 })
  expect(promisesOf(kept, proof({ rounds: [{ ...proof().rounds[0]!, list_hash: 'zz' }] }))).toMatchObject({ state: 'broken', what: 'list', round: 1 })
  expect(promisesOf(kept, proof({ rounds: [{ ...proof().rounds[0]!, list_hash: null }] }))).toMatchObject({ state: 'broken', what: 'list', round: 1 })
  expect(promisesOf({ ...kept, nonces: {}, lists: {} }, proof({ rounds: [] }))).toMatchObject({ state: 'broken', what: 'receipt', round: 1 })
})
