import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Outbox } from './outbox'
import type { Wire } from './wire'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)
const no = (code: string) => ({ ok: false, error: { code, message: code } })
const yes = { ok: true, id: 'i', offset: 4 }

function outbox(answer: (clientId: string) => unknown) {
  const sent: string[] = []
  const wire: Wire = {
    connected: true,
    open: () => undefined,
    close: () => undefined,
    on: () => undefined,
    call: (_event, payload) => {
      const { client_id: clientId } = payload as { client_id: string }
      sent.push(clientId)
      return Promise.resolve(answer(clientId))
    },
  }
  return { sent, box: new Outbox(wire, 1_000) }
}

it('waits longer each time it is asked for patience, and at first again after something went well', async () => {
  let answer: unknown = no('too_fast')
  const { box, sent } = outbox(() => answer)
  const one = box.send('comment', { client_id: 'x' })
  await pass(999)
  expect(sent).toHaveLength(1)
  await pass(1)
  expect(sent).toHaveLength(2)
  await pass(1_999)
  expect(sent).toHaveLength(2)
  answer = yes
  await pass(1)
  await expect(one).resolves.toEqual(yes)
  answer = no('too_fast')
  void box.send('comment', { client_id: 'y' })
  await pass(1_000)
  expect(sent).toHaveLength(5)
})

it('tells the person in the end where the server fails every time, and not for anything that passes', async () => {
  const { box } = outbox((clientId) => no(clientId === 'x' ? 'internal' : 'storage_away'))
  const told = vi.fn()
  box.send('comment', { client_id: 'x' }).catch(told)
  void box.send('comment', { client_id: 'y' })
  await pass(120_000)
  expect(told).toHaveBeenCalledWith(expect.objectContaining({ code: 'internal' }))
  expect(box.size).toBe(1)
})

it('sends all that had to wait, also more than may be on their way at once', async () => {
  let answer: unknown = no('busy')
  const { box } = outbox(() => answer)
  const all = Array.from({ length: 40 }, (_, number) => box.send('comment', { client_id: String(number) }))
  await pass(0)
  answer = yes
  await pass(1_000)
  await expect(Promise.all(all)).resolves.toHaveLength(40)
})

it('gives whoever sends the same again the same answer, and sends it once', async () => {
  let release: (answer: unknown) => void = () => undefined
  const { box, sent } = outbox(() => new Promise((resolve) => (release = resolve)))
  const both = [box.send('comment', { client_id: 'x' }), box.send('comment', { client_id: 'x' })]
  release(yes)
  await expect(Promise.all(both)).resolves.toEqual([yes, yes])
  expect(sent).toEqual(['x'])
})

it('does not take the answer to what was given up for that to its repetition', async () => {
  const releases: ((answer: unknown) => void)[] = []
  const { box } = outbox(() => new Promise((resolve) => releases.push(resolve)))
  box.send('comment', { client_id: 'x' }).catch(() => undefined)
  box.drop('x')
  const again = box.send('comment', { client_id: 'x' })
  releases[0]?.(no('comments_closed'))
  await pass(0)
  releases[1]?.(yes)
  await expect(again).resolves.toEqual(yes)
})
