import { expect, it } from 'vitest'
import type { Talk } from '@/api'
import { shelved } from './shelves'

const talk = (id: string, state: Talk['state'] = 'ended'): Talk => ({ id, state }) as Talk
const ids = (talks: Talk[]) => talks.map(({ id }) => id).join('')

it('puts every talk in one place: what runs, what is to be followed up, who would like another, and the rest', () => {
  const all = [talk('a', 'open'), talk('b'), talk('c'), talk('d'), talk('e')]
  const { open, due, wished, past } = shelved(all, [talk('x'), talk('d'), talk('a', 'open')], [talk('b'), talk('d')])
  expect([ids(open), ids(due), ids(wished), ids(past)]).toEqual(['a', 'xd', 'b', 'ce'])
})

it('has everything that is over in one row for a member', () => {
  expect(ids(shelved([talk('a'), talk('b')], [], []).past)).toBe('ab')
})
