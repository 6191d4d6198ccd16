import { afterEach, expect, it } from 'vitest'
import { ApiError, type Me } from '@/api'
import { fresh, Script, settled } from '@/protocol/testing'
import { createLive } from './live'
import { createSession } from './session'
import { UnsentStore } from './unsent'

afterEach(() => {
  sessionStorage.clear()
})
const member = (id: string) => ({ member: { id }, roles: [], csrf: id, brand: '' }) as unknown as Me

it('keeps what a member left unsent while the session is away, and not for the next one', async () => {
  let who: Me | null = member('me')
  const api = { me: () => (who === null ? Promise.reject(new ApiError(401, 'sign_in_needed', '')) : Promise.resolve(who)), setupNeeded: () => Promise.resolve({ needed: false, brand: '' }), visitor: () => Promise.reject(new ApiError(401, 'not_verified', '')) }
  const session = createSession(api)
  createLive(session)
  await session.ready()
  new UnsentStore('me', 'b').draft = '还没写完'
  who = null
  await session.reload()
  expect(new UnsentStore('me', 'b').draft).toBe('还没写完')
  who = member('me')
  await session.reload()
  expect(new UnsentStore('me', 'b').draft).toBe('还没写完')
  who = member('other')
  await session.reload()
  expect(new UnsentStore('me', 'b').draft).toBe('')
})

it('opens the connection anew when a visitor becomes known in mid-room', async () => {
  const nobody = () => Promise.reject(new ApiError(401, 'sign_in_needed', ''))
  const session = createSession({ me: nobody, setupNeeded: () => Promise.resolve({ needed: false, brand: '' }), visitor: nobody })
  const wire = new Script()
  const live = createLive(session, () => wire)
  await session.ready()
  live.follow('c', { snapshot: () => undefined, entries: () => undefined })
  wire.answers.push(fresh(1))
  wire.rise()
  await settled()
  const before = wire.opened
  session.proven({ id: 'v', name: '路过的人', csrf: 'c' })
  expect(wire.opened).toBe(before + 1)
})
