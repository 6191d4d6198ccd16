import { expect, it } from 'vitest'
import { codeOf } from './code'
import type { Published } from './verify'

const ROUND = { state: 'revealed', size: 3, total_weight: 3 }
const BY = { id: 'm1', name: '书记' }
const CLOSED: Published = {
  id: 's', favour: 3, seed_commitment: 'aa', receipt_key: '04', seed: 'bb',
  rounds: [{ ...ROUND, number: 1, nonce_commitment: 'c1', list_hash: 'd1', nonce: 'e1' }, { ...ROUND, state: 'void', number: 2, nonce_commitment: 'c2', list_hash: null, nonce: null }],
  draws: [{ round: 1, n: 1, pseudonym: 'p1', result: 'drawn_before', secretary: null }, { round: 1, n: 2, pseudonym: 'p2', result: 'withdrawn', secretary: BY }, { round: 1, n: 10, pseudonym: 'p3', result: 'accepted', secretary: BY }],
}

it('is the one that `hongbo shake verify` finds, in whichever order things are told', async () => {
  expect(await codeOf(CLOSED)).toBe('22498d8052d5a532') // the same in tests/unit/shake/test_draw.py
  expect(await codeOf({ ...CLOSED, rounds: [...CLOSED.rounds].reverse(), draws: [...CLOSED.draws].reverse() })).toBe('22498d8052d5a532')
})

it('is another one for whoever is shown anything else, and none before the end', async () => {
  const [first, ...others] = CLOSED.draws
  const [round, second] = CLOSED.rounds
  const shown: Published[] = [
    CLOSED, { ...CLOSED, seed: 'bc' }, { ...CLOSED, seed_commitment: 'ab' }, { ...CLOSED, receipt_key: '05' }, { ...CLOSED, favour: 1 },
    { ...CLOSED, rounds: [{ ...round!, list_hash: 'd2' }, second!] }, { ...CLOSED, rounds: [{ ...round!, nonce: 'e2' }, second!] },
    { ...CLOSED, rounds: [round!, { ...second!, nonce_commitment: 'c3' }] }, { ...CLOSED, rounds: [round!] }, { ...CLOSED, draws: others },
    { ...CLOSED, draws: [{ ...first!, pseudonym: 'p9' }, ...others] }, { ...CLOSED, draws: [{ ...first!, result: 'busy' }, ...others] },
    { ...CLOSED, draws: [first!, { ...others[0]!, secretary: { ...BY, id: 'm2' } }, others[1]!] },
  ]
  expect(new Set(await Promise.all(shown.map(codeOf))).size).toBe(shown.length)
  expect(await codeOf({ ...CLOSED, seed: null })).toBe('')
})
