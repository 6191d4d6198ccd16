import { expect, it } from 'vitest'
import { hex, ofText } from './bytes'
import { isFair, remainder } from './draw'
import { holder, parsed, placeOf } from './list'
import { receiptText, type Shaken } from './receipt'
import { verify, type Published } from './verify'
import { cameUpWords } from './words'

// What the server publishes, made here by other means: the formula with BigInt, and a list in which each has as many places as weights.
const ID = '01900000-0000-7000-8000-000000000001'
const { subtle } = crypto
const sha = async (content: string | Uint8Array<ArrayBuffer>) => new Uint8Array(await subtle.digest('SHA-256', typeof content === 'string' ? ofText(content) : content))
const digits = async (content: string, length: number) => hex(await sha(content)).slice(0, length)
type Line = { pseudonym: string; nonce: string; weight: number }

async function people(count: number, favour = 1): Promise<Line[]> {
  const made = Array.from({ length: count }, async (_, number) => ({ pseudonym: await digits(`member ${number}`, 20), nonce: await digits(`nonce ${number}`, 16), weight: number % 3 === 0 ? favour : 1 }))
  return (await Promise.all(made)).sort((one, other) => (one.pseudonym < other.pseudonym ? -1 : 1))
}

const textOf = (round: number, list: readonly Line[]) => `hongbo shake ${ID} round ${round}\n${list.map(({ pseudonym, nonce, weight }) => `${pseudonym} ${nonce} ${weight}\n`).join('')}`

async function drawn(seed: Uint8Array<ArrayBuffer>, text: string, nonce: Uint8Array<ArrayBuffer>, list: readonly Line[], n: number): Promise<string> {
  const places = list.flatMap(({ pseudonym, weight }) => Array.from({ length: weight }, () => pseudonym))
  const fair = (1n << 64n) - ((1n << 64n) % BigInt(places.length))
  const key = await subtle.importKey('raw', seed, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  for (let attempt = 0; ; attempt += 1) {
    const numbers = [n, attempt].flatMap((number) => [number >>> 24, (number >>> 16) & 255, (number >>> 8) & 255, number & 255])
    const value = BigInt(`0x${hex(await subtle.sign('HMAC', key, new Uint8Array([...(await sha(text)), ...nonce, ...numbers]))).slice(0, 16)}`)
    if (value < fair) return places[Number(value % BigInt(places.length))] ?? ''
  }
}

const keys = subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])

async function shakenBy(who: Line, round = 1): Promise<Shaken> {
  const shaken = { round, ...who, at: '2026-07-01T12:00:01.234Z' }
  const receipt = hex(await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, (await keys).privateKey, ofText(receiptText(ID, shaken))))
  return { ...shaken, receipt }
}

/** A session of one round in which the first two who come up decline and lapse, and the third accepts. */
async function session(count = 40, favour = 1) {
  const [seed, nonce, list] = [await sha('seed'), await sha('nonce'), await people(count, favour)]
  const text = textOf(1, list)
  const seen = new Set<string>()
  const draws: { round: number; n: number; pseudonym: string; result: string }[] = []
  for (let n = 1; seen.size < 3; n += 1) {
    const pseudonym = await drawn(seed, text, nonce, list, n)
    draws.push({ round: 1, n, pseudonym, result: seen.has(pseudonym) ? 'drawn_before' : (['declined', 'lapsed', 'accepted'][seen.size] ?? '') })
    seen.add(pseudonym)
  }
  const key = hex(await subtle.exportKey('raw', (await keys).publicKey))
  const proof: Published = {
    id: ID, favour, seed: hex(seed), seed_commitment: hex(await sha(seed)), receipt_key: key, draws,
    rounds: [{ number: 1, state: 'revealed', nonce: hex(nonce), nonce_commitment: hex(await sha(nonce)), size: count, total_weight: list.reduce((sum, { weight }) => sum + weight, 0), list_hash: hex(await sha(text)) }],
  }
  return { proof, text, list }
}

const check = ({ proof, text }: { proof: Published; text: string }, own: Shaken[] = []) => verify(proof, own, () => Promise.resolve(text))

it.each([1, 5])('finds an honest session in order, with weights of %i for those never drawn', async (favour) => {
  const made = await session(40, favour)
  const done = await check(made)
  expect(done.verdict).toBe('held')
  expect(done.rounds[0]?.draws.map(({ expected }) => expected)).toEqual(made.proof.draws.map(({ pseudonym }) => pseudonym))
})

it('finds whatever was changed afterwards', async () => {
  const honest = await session()
  const [round, draw] = [honest.proof.rounds[0]!, honest.proof.draws[0]!]
  const other = honest.list.find(({ pseudonym }) => honest.proof.draws.every((each) => each.pseudonym !== pseudonym))!
  const rounds = (more: object) => ({ ...honest, proof: { ...honest.proof, rounds: [{ ...round, ...more }] } })
  const draws = (...all: object[]) => ({ ...honest, proof: { ...honest.proof, draws: all as Published['draws'] } })
  const faults = {
    'another seed': { ...honest, proof: { ...honest.proof, seed: await digits('another', 64) } },
    'another nonce': rounds({ nonce: await digits('another', 64) }),
    'a seed that is none': { ...honest, proof: { ...honest.proof, seed: 'not hexadecimal' } },
    'somebody taken off the list': { ...honest, text: honest.text.replace(`${other.pseudonym} ${other.nonce} 1\n`, '') },
    'a size that is not the list’s': rounds({ size: 41 }),
    'somebody else drawn': draws({ ...draw, pseudonym: other.pseudonym }, ...honest.proof.draws.slice(1)),
    'a draw left out': draws(...honest.proof.draws.slice(1)),
    'somebody asked twice': draws(...honest.proof.draws, { ...draw, n: honest.proof.draws.length + 1 }),
    'somebody passed over for no reason': draws({ ...draw, result: 'drawn_before' }, ...honest.proof.draws.slice(1)),
    'an offer taken back for another, when none may be': { ...honest, proof: { ...honest.proof, rules: { most_withdrawn: 0 }, draws: honest.proof.draws.map((each, at) => ({ ...each, secretary: { id: 'm', name: '' }, result: at === 0 ? 'withdrawn' : each.result })) } },
  }
  for (const [what, made] of Object.entries(faults)) expect([what, (await check(made)).verdict]).toEqual([what, 'broken'])
})

it('finds weights that were not announced, and a list that is missing', async () => {
  const heavy = await session(40, 5)
  expect((await check({ ...heavy, proof: { ...heavy.proof, favour: 2 } })).rounds[0]?.fault).toBe('weights')
  expect((await verify(heavy.proof, [], () => Promise.resolve(null))).rounds[0]?.fault).toBe('missing')
})

it('says what cannot be told before the end, and misses nothing of a round that was given up', async () => {
  const { proof, text } = await session()
  const running = await check({ proof: { ...proof, seed: null }, text })
  expect([running.verdict, running.seed, running.rounds[0]?.list, running.rounds[0]?.draws[0]?.verdict]).toEqual(['open', 'open', 'held', 'open'])
  const nobody = { ...proof.rounds[0]!, number: 2, nonce: null, nonce_commitment: 'aa', list_hash: null, size: 0, total_weight: 0 }
  expect((await check({ proof: { ...proof, rounds: [...proof.rounds, { ...nobody, state: 'void' }] }, text })).verdict).toBe('held')
  expect((await check({ proof: { ...proof, seed: null, rounds: [...proof.rounds, { ...nobody, state: 'open' }] }, text })).verdict).toBe('open')
})

it('lets nothing be withheld once the seed is told, nor a round be called void to hide what it gave', async () => {
  const { proof, text, list } = await session()
  const round = proof.rounds[0]!
  const mine = await shakenBy(list[7]!)
  const bare = { nonce: null, list_hash: null, size: null, total_weight: null }
  const none = { ...proof, draws: [] }
  const faults: [string, Published, Shaken[]][] = [
    ['a round that never ends', { ...none, rounds: [{ ...round, ...bare, state: 'open' }] }, []],
    ['a list without its nonce', { ...none, rounds: [{ ...round, nonce: null, state: 'closed' }] }, []],
    ['draws of a round that is said to be void', { ...proof, rounds: [{ ...round, state: 'void' }] }, []],
    ['draws without a nonce', { ...proof, rounds: [{ ...round, nonce: null }] }, []],
    ['a receipt of a round of which there is said to be no list', { ...none, rounds: [{ ...round, ...bare, state: 'void' }] }, [mine]],
    ['a receipt of a round in which nobody is said to have shaken', { ...none, rounds: [{ ...round, ...bare, size: 0, total_weight: 0, state: 'empty' }] }, [mine]],
    ['a nonce that was told in a round before', { ...proof, rounds: [round, { ...round, ...bare, number: 2, state: 'void' }] }, []],
    ['a round left out', { ...proof, rounds: [round, { ...round, ...bare, nonce_commitment: 'aa', number: 3, state: 'void' }] }, []],
  ]
  for (const [what, made, own] of faults) expect([what, (await check({ proof: made, text }, own)).verdict]).toEqual([what, 'broken'])
  const honest: Published = { ...none, rounds: [{ ...round, nonce: null, state: 'void' }] }
  expect((await check({ proof: honest, text }, [mine])).verdict).toBe('held')
})

it('shows members where they stand, and holds the server to what it has signed', async () => {
  const made = await session()
  const mine = await shakenBy(made.list[7]!)
  const [own] = (await check(made, [mine])).own
  expect([own?.place, own?.size, own?.receipt_verdict, own?.listed]).toEqual([8, 40, 'held', 'held'])
  const forged = { ...mine, at: '2026-07-01T12:00:09.000Z' }
  expect((await check(made, [forged])).own[0]?.receipt_verdict).toBe('broken')
  const left = await shakenBy({ pseudonym: 'f'.repeat(20), nonce: '0'.repeat(16), weight: 1 })
  expect((await check(made, [left])).own[0]).toMatchObject({ receipt_verdict: 'held', listed: 'broken', place: null })
  expect((await check({ ...made, proof: { ...made.proof, receipt_key: '04' } }, [mine])).own[0]?.receipt_verdict).toBe('broken')
})

it('says to whoever came up that they did, so that nobody can be asked in their place unseen', async () => {
  const { proof } = await session()
  const [one, two] = [proof.draws[0]!, proof.draws.find(({ result }) => result === 'accepted')!]
  expect(cameUpWords(one, proof.draws)).toContain('第 1 次抽中的就是您')
  expect(cameUpWords(two, proof.draws)).toContain('已接受')
  expect(cameUpWords({ round: 2, pseudonym: one.pseudonym }, proof.draws)).toBe('')
})

it('reads no list of another session or round, out of order, or with somebody twice', async () => {
  const list = await people(5)
  const text = textOf(1, list)
  expect(parsed(text, ID, 1)?.pseudonyms).toEqual(list.map(({ pseudonym }) => pseudonym))
  expect(parsed(text, ID, 2)).toBeNull()
  expect(parsed(text, 'another', 1)).toBeNull()
  expect(parsed(text.slice(0, -1), ID, 1)).toBeNull()
  expect(parsed(textOf(1, [...list].reverse()), ID, 1)).toBeNull()
  expect(parsed(textOf(1, [list[0]!, ...list]), ID, 1)).toBeNull()
  expect(parsed(text.replace(' 1\n', ' 0\n'), ID, 1)).toBeNull()
  const listed = parsed(text, ID, 1)!
  expect([placeOf(listed, list[3]!.pseudonym), placeOf(listed, 'f'.repeat(20))]).toEqual([3, -1])
  expect([0, 4].map((place) => holder(listed, place))).toEqual([0, 4])
})

it('divides 64 bits without BigInt as with it', async () => {
  for (const total of [1, 3, 7, 40, 65_537, 100_000, 1_000_000_007]) {
    for (let step = 0; step < 200; step += 1) {
      const high = step % 3 === 0 ? 0xffffffff : Number(`0x${await digits(`high ${step}`, 8)}`)
      const low = step % 5 === 0 ? 0xffffffff - step : Number(`0x${await digits(`low ${step}`, 8)}`)
      const value = (BigInt(high) << 32n) + BigInt(low)
      expect(remainder([high, low], total)).toBe(Number(value % BigInt(total)))
      expect(isFair([high, low], total)).toBe(value < (1n << 64n) - ((1n << 64n) % BigInt(total)))
    }
  }
})
