import { describe, expect, it } from 'vitest'
import { Refused, type MessageIn as Write } from '@/protocol'
import { fromBase64 } from '@/sealed/bytes'
import { readContent, type Content } from '@/sealed/content'
import { newRound } from '@/sealed/exchange'
import { agree, commitmentTo, newPair, type TalkKeys } from '@/sealed/handshake'
import { MemoryKeeper, type KeptTalk } from '@/sealed/keeper'
import { unseal } from '@/sealed/sealing'
import { NO_KEYS, type Keys } from './keys'
import { Outbound } from './outbound'

const said = (text: string): Content => ({ t: 'text', text })

async function keysOfTwo(round: number): Promise<{ own: TalkKeys; other: TalkKeys }> {
  const [first, second] = [await newPair(), await newPair()]
  const seen = { talk: 't', round, commitment: await commitmentTo(first.publicKey), first: first.publicKey, second: second.publicKey }
  return { own: await agree(first, 'first', seen), other: await agree(second, 'second', seen) }
}

/** A page with keys of one round, a server that answers by script, and what the other page reads. */
async function page(answers: (Error | null)[] = []) {
  const keeper = new MemoryKeeper()
  const rounds = new Map<number, { own: TalkKeys; other: TalkKeys }>([[1, await keysOfTwo(1)]])
  const kept = async (round: number) => ({ ...newRound(await newPair()), keys: rounds.get(round)?.own ?? null, settled: true, other: 'x', sent: 0, free: [], checked: true, passed: [] })
  await keeper.update('t', () => ({ talk: 't', owner: 'm', device: 'd', rounds: {}, outgoing: [] }))
  const first = await kept(1)
  await keeper.update('t', (talk) => ({ ...talk!, rounds: { 1: first } }))
  const keys = {
    view: { ...NO_KEYS, state: 'agreed', round: 1 },
    kept: await keeper.read('t'),
    keysOf: (round: number) => rounds.get(round)?.own ?? null,
    doubts: (round: number) => keys.kept?.rounds[round]?.refused === true,
    update: async (change: (talk: KeptTalk) => KeptTalk) => (keys.kept = await keeper.update('t', (talk) => change(talk!))),
  }
  const writes: Write[] = []
  let ids = 0
  const outbound = () =>
    new Outbound({
      talk: 't', keys: keys as unknown as Keys, now: () => 0, newId: () => `id-${String(++ids)}`, changed: () => undefined,
      write: (payload) => {
        writes.push(payload)
        const answer = answers.shift() ?? null
        return answer === null ? Promise.resolve({}) : Promise.reject(answer)
      },
    })
  async function next(round: number): Promise<void> {
    rounds.set(round, await keysOfTwo(round))
    const state = await kept(round)
    await keys.update((talk) => ({ ...talk, rounds: { ...talk.rounds, [round]: state } }))
    keys.view = { ...keys.view, round }
  }
  async function read({ key, kind, number, body }: Write): Promise<string> {
    const bytes = await unseal(rounds.get(key)!.other, { talk: 't', round: key, kind, number }, fromBase64(body)!)
    const content = bytes === undefined ? undefined : readContent(bytes)
    return content?.t === 'text' ? content.text : '?'
  }
  return { outbound, keys, writes, next, read }
}

describe('what this page says', () => {
  it('goes out sealed, numbered, in the order in which it was said', async () => {
    const { outbound, writes, read, keys } = await page()
    const out = outbound()
    await Promise.all(['一', '二', '三'].map((text) => out.send('text', said(text))))
    expect(writes.map(({ number }) => number)).toEqual([1, 2, 3])
    expect(await Promise.all(writes.map(read))).toEqual(['一', '二', '三'])
    expect(JSON.stringify(writes)).not.toContain('一')
    expect(keys.kept?.outgoing).toEqual([])
    out.prune(({ number }) => number > 0)
    expect(out.pending).toEqual([])
  })

  it('that is refused says why, and leaves no hole in the numbers', async () => {
    const { outbound, writes } = await page([new Refused('talk_ended', '本次谈话已经结束')])
    const out = outbound()
    await out.send('text', said('一'))
    expect(out.pending.map(({ reason }) => reason)).toEqual(['本次谈话已经结束'])
    out.again(out.pending[0]!.clientId)
    await out.send('text', said('二'))
    expect(writes.map(({ number, client_id }) => [number, client_id])).toEqual([[1, 'id-1'], [1, 'id-2'], [2, 'id-3']])
    expect(out.pending.every(({ reason }) => reason === '')).toBe(true)
  })

  it('under keys that have gone meanwhile is sealed anew, as another message', async () => {
    const { outbound, writes, next, read, keys } = await page([new Refused('key_round_over', '')])
    const out = outbound()
    await out.send('text', said('一'))
    expect(out.pending.map(({ reason, number }) => [reason, number])).toEqual([['', 0]])
    await next(2)
    await out.resume()
    await until(() => writes.length === 2 && keys.kept?.outgoing.length === 0)
    expect(writes.map(({ key, number, client_id }) => [key, number, client_id])).toEqual([[1, 1, 'id-1'], [2, 1, 'id-2']])
    expect(await read(writes[1]!)).toBe('一')
  })

  it('is sent again after a reload, as the same message, until the server has it', async () => {
    const { outbound, writes, keys } = await page()
    const never = new Promise<never>(() => undefined)
    const out = outbound()
    const before = keys.kept
    expect(before?.outgoing).toEqual([])
    const stuck = new Outbound({ talk: 't', keys: keys as unknown as Keys, now: () => 7, newId: () => 'id-0', changed: () => undefined, write: () => never })
    void stuck.send('text', said('断网时写的'))
    await until(() => keys.kept?.outgoing.length === 1)
    await out.resume()
    await until(() => keys.kept?.outgoing.length === 0)
    expect(writes).toEqual([{ ...(writes[0] as Write), client_id: 'id-0', number: 1 }])
    expect(out.pending.map(({ content, at }) => [content, at])).toEqual([[said('断网时写的'), 7]])
    await out.send('text', said('后来'))
    expect(writes[1]?.number).toBe(2)
  })

  it('does not go out under keys that turned out to be somebody else’s', async () => {
    const { outbound, writes, keys, next, read } = await page()
    const never = new Promise<never>(() => undefined)
    const stuck = new Outbound({ talk: 't', keys: keys as unknown as Keys, now: () => 7, newId: () => 'id-0', changed: () => undefined, write: () => never })
    void stuck.send('text', said('一'))
    await until(() => keys.kept?.outgoing.length === 1)
    await keys.update((talk) => ({ ...talk, rounds: { 1: { ...talk.rounds[1]!, refused: true } } }))
    await next(2)
    const out = outbound()
    await out.resume()
    await until(() => writes.length === 1 && keys.kept?.outgoing.length === 0)
    expect(writes[0]).toMatchObject({ key: 2, client_id: 'id-1' })
    expect(await read(writes[0]!)).toBe('一')
  })

  it('waits while there are no keys', async () => {
    const { outbound, writes, keys } = await page()
    keys.view = { ...keys.view, state: 'exchanging' }
    const out = outbound()
    await out.send('text', said('一'))
    expect(writes).toEqual([])
    keys.view = { ...keys.view, state: 'agreed' }
    await out.resume()
    await until(() => writes.length === 1)
  })

  it('once in a round is said once', async () => {
    const { outbound, writes } = await page()
    const out = outbound()
    await Promise.all([out.once('system', { t: 'holds', count: 1 }, 'holds'), out.once('system', { t: 'holds', count: 1 }, 'holds')])
    await until(() => writes.length > 0)
    expect(writes).toHaveLength(1)
  })
})

async function until(ready: () => boolean): Promise<void> {
  for (let times = 0; times < 200 && !ready(); times += 1) await new Promise((resolve) => setTimeout(resolve, 2))
  expect(ready()).toBe(true)
}
