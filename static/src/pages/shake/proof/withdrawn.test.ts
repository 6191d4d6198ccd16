import { expect, it } from 'vitest'
import { replacedTooOften, withdrawnBy } from './withdrawn'

const [LIN, SU] = [{ id: 'a', name: '林书记' }, { id: 'b', name: '苏书记' }]
const draw = (round: number, n: number, result: string, secretary: typeof LIN | null = LIN) => ({ round, n, pseudonym: `p${n}`, result, secretary })
const back = (round: number, n: number, secretary = LIN) => draw(round, n, 'withdrawn', secretary)
const rules = { most_withdrawn: 3 }

it('are counted by who took them back', () => {
  expect(withdrawnBy([])).toEqual([])
  expect(withdrawnBy([draw(1, 1, 'declined'), back(1, 2, SU), back(1, 3), draw(1, 4, 'busy', null), back(2, 1), draw(2, 2, 'accepted')])).toEqual([
    { ...LIN, count: 2 },
    { ...SU, count: 1 },
  ])
})

it('are replaced three times in a session; another round begins anew, and so does another secretary', () => {
  const three = [back(1, 1), back(1, 2), back(1, 3), draw(1, 4, 'declined'), draw(1, 5, 'accepted')]
  expect(replacedTooOften({ draws: three, rules })).toEqual(new Set())
  const four = [back(1, 1), back(1, 2), back(1, 3), back(1, 4)]
  expect(replacedTooOften({ draws: four, rules })).toEqual(new Set())
  expect(replacedTooOften({ draws: [draw(1, 6, 'accepted'), ...four, draw(1, 5, 'offered', SU), draw(2, 1, 'offered')], rules })).toEqual(new Set(['1.6']))
})
