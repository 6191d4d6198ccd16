import { describe, expect, it, vi } from 'vitest'
import { Connection } from './connection'
import { batch, fresh, missed, Script, settled } from './testing'
import { Refused, type Entry } from './wire'

async function following(...answers: (() => unknown)[]) {
  const wire = new Script()
  const connection = new Connection(wire, 0)
  wire.answers.push(...answers)
  const seen: number[] = []
  const snapshot = vi.fn()
  const refused = vi.fn()
  const entries = (news: Entry[]) => seen.push(...news.map((each) => each.offset))
  const stop = connection.follow('c', { snapshot, entries, refused })
  wire.rise()
  await settled()
  return { wire, connection, seen, snapshot, refused, stop }
}

describe('following a channel', () => {
  it('takes a snapshot and then every entry once, whatever is repeated', async () => {
    const { wire, seen, snapshot } = await following(fresh(3))
    expect(snapshot).toHaveBeenCalledWith({ head: 3 }, { epoch: 'e', head: 3 })
    wire.say('entries', batch(4, 5))
    wire.say('entries', batch(4, 5, 6))
    wire.say('entries', batch(7))
    expect(seen).toEqual([4, 5, 6, 7])
  })

  it('applies what came since a snapshot before anybody can look', async () => {
    const { wire, seen, snapshot } = await following(() => ({ ok: true, epoch: 'e', head: 5, recovered: false, entries: batch(4, 5).entries, snapshot: { head: 3 } }))
    expect(snapshot).toHaveBeenCalledWith({ head: 3 }, { epoch: 'e', head: 3 })
    expect(seen).toEqual([4, 5])
    wire.say('entries', batch(5, 6))
    expect(seen).toEqual([4, 5, 6])
  })

  it('asks again from where it stands when an entry is missing', async () => {
    const { wire, seen } = await following(fresh(3), missed(6, 4, 5, 6))
    wire.say('entries', batch(5))
    await settled()
    expect(wire.calls[1]).toEqual(['subscribe', { channel: 'c', epoch: 'e', after: 3, to_head: true }])
    expect(seen).toEqual([4, 5, 6])
  })

  it('goes on from its position after a reconnect and after a resync', async () => {
    const { wire, seen, snapshot } = await following(fresh(3), missed(5, 4, 5), missed(6, 6))
    wire.drop()
    wire.rise()
    await settled()
    wire.say('resync', { channel: 'c' })
    await settled()
    expect(seen).toEqual([4, 5, 6])
    expect(snapshot).toHaveBeenCalledTimes(1)
  })

  it('ignores what comes before the answer to its subscription', async () => {
    const { wire, seen } = await following(fresh(3))
    wire.answers.push(missed(5, 4, 5))
    wire.say('resync', { channel: 'c' })
    wire.say('entries', batch(5))
    await settled()
    expect(seen).toEqual([4, 5])
  })

  it('begins anew where the server has another history', async () => {
    const { wire, snapshot } = await following(fresh(3), () => ({ ok: true, epoch: 'f', head: 1, recovered: false, entries: [], snapshot: { new: true } }))
    wire.say('entries', { ...batch(4), epoch: 'f' })
    await settled()
    expect(snapshot).toHaveBeenLastCalledWith({ new: true }, { epoch: 'f', head: 1 })
  })

  it('tells of a refusal, and tries again after anything else', async () => {
    const no = await following(() => ({ ok: false, error: { code: 'not_found', message: '没有找到' } }))
    expect(no.refused).toHaveBeenCalledWith(expect.any(Refused))
    const later = await following(() => ({ ok: false, error: { code: 'channel_busy', message: '' } }), fresh(1))
    await vi.waitFor(() => {
      expect(later.snapshot).toHaveBeenCalled()
    })
  })

  it('opens a connection anew that slept and does not answer', async () => {
    const { wire, connection } = await following(fresh(3))
    wire.answers.push(() => Promise.reject(new Error('timeout')))
    await connection.wake()
    expect(wire.connected).toBe(false)
    expect(wire.opened).toBe(2)
  })

  it('keeps a connection that answers, if only to ask for patience', async () => {
    const { wire, connection } = await following(fresh(3))
    wire.answers.push(() => ({ ok: false, error: { code: 'channel_busy', message: '' } }), missed(3))
    await connection.wake()
    expect(wire.connected).toBe(true)
    expect(wire.opened).toBe(1)
  })
})

describe('writing', () => {
  it('sends again with the same client id until there is an answer', async () => {
    const comment = { client_id: 'x', text: '你好' }
    const { wire, connection } = await following(fresh(3))
    const answer = connection.write('comment', comment)
    wire.drop()
    wire.answers.push(missed(3), () => ({ ok: true, id: 'i', offset: 4 }))
    // The first attempt never settles, as when the network has gone; the client library rejects it at the disconnect.
    const again = connection.write('comment', { client_id: 'y' })
    wire.rise()
    await expect(again).resolves.toMatchObject({ offset: 4 })
    connection.drop('x')
    await expect(answer).rejects.toBeInstanceOf(Refused)
  })

  it('gives the words of a refusal', async () => {
    const { wire, connection } = await following(fresh(3))
    wire.answers.push(() => ({ ok: false, error: { code: 'comments_closed', message: '不在直播中' } }))
    await expect(connection.write('comment', { client_id: 'x' })).rejects.toMatchObject({ code: 'comments_closed', message: '不在直播中' })
  })

  it('has no more than a handful on their way, and sends the others as the answers come', async () => {
    const { wire, connection } = await following(fresh(3))
    const ok = () => ({ ok: true, id: 'i', offset: 4 })
    const held: ((answer: unknown) => void)[] = []
    for (let number = 0; number < 40; number += 1) wire.answers.push(() => new Promise((resolve) => held.push(resolve)))
    const all = Array.from({ length: 40 }, (_, number) => connection.write('comment', { client_id: String(number) }))
    await settled()
    expect(held).toHaveLength(16)
    for (let number = 0; number < 40; number += 1) {
      held[number]?.(ok())
      await settled()
    }
    await expect(Promise.all(all)).resolves.toHaveLength(40)
    const sent = wire.calls.filter(([event]) => event === 'comment').map(([, { client_id }]) => client_id)
    expect(sent).toEqual(Array.from({ length: 40 }, (_, number) => String(number)))
  })

  it('sends nothing of one person in the name of the next', async () => {
    const { wire, connection } = await following(fresh(3))
    wire.drop()
    const mine = connection.write('comment', { client_id: 'x' })
    const given = expect(mine).rejects.toMatchObject({ code: 'dropped' })
    connection.handOver()
    await given
    wire.answers.push(fresh(3))
    wire.rise()
    await settled()
    expect(wire.calls.filter(([event]) => event === 'comment')).toHaveLength(0)
  })
})
