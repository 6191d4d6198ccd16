import { beforeEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import type { Api, Me, OwnShake } from '@/api'
import { withSetup } from '@/core/testing'
import { Script, settled } from '@/protocol/testing'
import { createKept } from './kept'
import { useShake } from './useShake'

const ME = { member: { id: 'me', name: '林晓', status: 'full' }, roles: [], csrf: '', public_broadcasts: false, organisation: null, brand: '' } as unknown as Me
const ROUND = { number: 1, state: 'open', by: { id: 'm1', name: '苏映川' }, nonce_commitment: 'bb', nonce: null, opened_at: '', closes_at: '', size: null, total_weight: null, list_hash: null, draws: [] }
const SHAKE = { id: 's', title: '七月', state: 'open', opens_at: '', closes_at: '', secretaries: [], branches: null, most_rounds: 5, seed_commitment: 'aa', receipt_key: '04', seed: null, rounds: [ROUND] }
const TICKET = { round: 1, pseudonym: 'p1', nonce: '0123456789abcdef', weight: 1, at: '2026-07-01T12:00:01.000Z', receipt: 'no signature' }

beforeEach(() => {
  localStorage.clear()
})

async function inside(rounds: object[] = []) {
  const wire = new Script()
  const asked = vi.fn<Api['ownShake']>(() => Promise.resolve({ rounds, offer: null, talk: null, eligible: true, why_not: null, words: null, from: null } as unknown as OwnShake))
  const page = withSetup({ me: () => Promise.resolve(ME), ownShake: asked }, () => useShake('s'), wire)
  await page.context.session.ready()
  await nextTick()
  wire.answers.push(() => ({ ok: true, epoch: 'e', head: 1, recovered: false, entries: [], snapshot: { shake: SHAKE } }))
  wire.rise()
  await settled()
  await settled()
  return { wire, page: page.result, asked }
}

it('shakes once however often the phone is shaken, keeps the receipt, and looks at its signature', async () => {
  const { wire, page } = await inside()
  wire.answers.push(() => ({ ok: true, ...TICKET }))
  const first = page.shake()
  await page.shake()
  await first
  await page.shake()
  const sent = wire.calls.filter(([event]) => event === 'shake')
  expect(sent).toHaveLength(1)
  expect(sent[0]?.[1]).toMatchObject({ shake: 's', nonce: expect.stringMatching(/^[0-9a-f]{16}$/) as string })
  expect(page.ofRound(1)).toMatchObject({ state: 'taken', shaken: TICKET, sound: false })
})

it('knows what was shaken on another device, and after a reload', async () => {
  const { wire, page } = await inside([TICKET])
  expect(page.ofRound(1)).toMatchObject({ state: 'taken' })
  await page.shake()
  expect(wire.calls.some(([event]) => event === 'shake')).toBe(false)
})

it('says why a shake was refused, and lets it be tried again', async () => {
  const { wire, page, asked } = await inside()
  const before = asked.mock.calls.length
  wire.answers.push(() => ({ ok: false, error: { code: 'recently_talked', message: '您最近聊过' } }), () => ({ ok: true, ...TICKET }))
  await page.shake()
  expect(page.ofRound(1)).toEqual({ state: 'refused', code: 'recently_talked', reason: '您最近聊过' })
  expect(asked.mock.calls.length).toBe(before + 1)
  await page.shake()
  expect(page.ofRound(1)?.state).toBe('taken')
})

it('sends what was shaken without a network when it returns', async () => {
  const { wire, page } = await inside()
  wire.drop()
  const given = page.shake()
  expect(page.ofRound(1)?.state).toBe('sending')
  for (let turn = 0; turn < 2; turn += 1) wire.answers.push((event) => (event === 'subscribe' ? { ok: true, epoch: 'e', head: 1, recovered: true, entries: [] } : { ok: true, ...TICKET }))
  wire.rise()
  await given
  expect(page.ofRound(1)?.state).toBe('taken')
})

it('shakes in no round that is not open', async () => {
  const { wire, page } = await inside()
  wire.say('entries', { channel: 'shake:s', epoch: 'e', first: 2, entries: [{ offset: 2, type: 'shake.round_closed', at: '', data: { round: 1, state: 'closed', size: 0, total_weight: 0, list_hash: 'cc' } }] })
  await page.shake()
  expect(wire.calls.some(([event]) => event === 'shake')).toBe(false)
})

it('notes what was promised before it could be known what it is worth', async () => {
  await inside()
  const found = Object.keys(localStorage).filter((key) => key.startsWith('hongbo.shake.'))
  expect(found).toHaveLength(1)
  const member = found[0]?.split('.')[2] ?? ''
  expect(createKept(member).read('s')).toMatchObject({ seedCommitment: 'aa', receiptKey: '04', nonces: { 1: 'bb' } })
})
