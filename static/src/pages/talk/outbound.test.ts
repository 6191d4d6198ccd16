import { describe, expect, it } from 'vitest'
import { Refused, type MessageIn as Write } from '@/protocol'
import { fromBase64 } from '@/sealed/bytes'
import { readContent, type Content } from '@/sealed/content'
import { newRound } from '@/sealed/exchange'
import { agree, commitmentTo, newPair, type TalkKeys } from '@/sealed/handshake'
import { MemoryKeeper, type KeptTalk } from '@/sealed/keeper'
import { unseal } from '@/sealed/sealing'
import { Keys, NO_KEYS } from './keys'
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
  const kept = async (round: number) => ({ ...newRound(await newPair()), keys: rounds.get(round)?.own ?? null, settled: true, other: 'x', sent: 0, skipped: [], checked: true, passed: [] })
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
  async function content({ key, kind, number, body }: Write): Promise<Content | undefined> {
    const bytes = await unseal(rounds.get(key)!.other, { talk: 't', round: key, kind, number }, fromBase64(body)!)
    return bytes === undefined ? undefined : readContent(bytes)
  }
  async function read(write: Write): Promise<string> {
    const found = await content(write)
    return found?.t === 'text' ? found.text : '?'
  }
  return { outbound, keys, writes, next, read, content }
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

  it('that is refused says why; its number is given to nothing else, and the other page is told so before it misses it', async () => {
    const { outbound, writes, read, content } = await page([new Refused('attachment_not_found', '没有这个附件')])
    const out = outbound()
    await out.send('text', said('一'))
    expect(out.pending.map(({ reason }) => reason)).toEqual(['没有这个附件'])
    out.again(out.pending[0]!.clientId)
    await out.send('text', said('二'))
    await until(() => writes.length === 4 && out.pending.length === 2)
    expect(writes.map(({ number, kind }) => [number, kind])).toEqual([[1, 'text'], [2, 'system'], [3, 'text'], [4, 'text']])
    expect(new Set(writes.map(({ client_id }) => client_id)).size).toBe(4)
    expect(await content(writes[1]!)).toEqual({ t: 'skipped', round: 1, numbers: [1] })
    expect(await Promise.all([writes[2]!, writes[3]!].map(read))).toEqual(['一', '二'])
    expect(out.pending.map(({ kind, reason }) => [kind, reason])).toEqual([['text', ''], ['text', '']])
  })

  it('has no number twice, whatever the server says, over a reload too', async () => {
    const { outbound, writes, keys } = await page(['talk_full', 'message_not_found', 'keys_not_agreed', 'internal', 'talk_ended'].map((code) => new Refused(code, '')))
    const out = outbound()
    await Promise.all(['一', '二', '三'].map((text) => out.send('text', said(text))))
    await outbound().send('text', said('四'))
    await outbound().send('text', said('五'))
    await until(() => keys.kept?.outgoing.length === 0)
    const numbers = writes.map(({ number }) => number)
    expect(numbers.length).toBeGreaterThan(5)
    expect([...numbers].sort((one, other) => one - other)).toEqual(numbers.map((_, index) => index + 1))
  })

  it('that is refused after more was said is explained at once; where the server only failed nothing is', async () => {
    const refusal = new Refused('message_not_found', '')
    const { outbound, writes, content, keys } = await page([refusal, new Refused('internal', '')])
    const out = outbound()
    await Promise.all(['一', '二', '三'].map((text) => out.send('text', said(text))))
    await until(() => writes.length === 4)
    expect(await content(writes[3]!)).toEqual({ t: 'skipped', round: 1, numbers: [1] })
    await until(() => keys.kept?.rounds[1]?.skipped?.length === 0)
    expect(writes).toHaveLength(4)
  })

  it('goes on with its numbers after everything was deleted, where the page is still open', async () => {
    const keeper = new MemoryKeeper()
    const own = new Keys({ keeper, talk: 't', owner: 'm', say: () => Promise.resolve({}), changed: () => undefined })
    const { own: keys } = await keysOfTwo(1)
    const round = { ...newRound(await newPair()), keys, settled: true, other: 'x', sent: 4, checked: true, passed: [] }
    await own.update((kept) => ({ ...kept, rounds: { 1: round } }))
    await own.wipe()
    const numbers: number[] = []
    own.view = { ...NO_KEYS, state: 'agreed', round: 1 }
    const out = new Outbound({
      talk: 't', keys: own, now: () => 0, newId: () => `id-${String(numbers.length)}`, changed: () => undefined,
      write: ({ number }) => {
        numbers.push(number)
        return Promise.reject(new Refused('talk_erased', ''))
      },
    })
    await out.send('text', said('一'))
    await out.send('text', said('二'))
    expect(numbers).toEqual([5, 6])
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
