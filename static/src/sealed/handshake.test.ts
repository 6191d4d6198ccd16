import { describe, expect, it } from 'vitest'
import { utf8 } from './bytes'
import { agree, checkRevealed, commitmentTo, newPair, Tampered, type Pair } from './handshake'
import { seal, sealFile, unseal, unsealFile, unsealOwn, type Label } from './sealing'

const LABEL: Label = { talk: 't1', round: 1, kind: 'text', number: 1 }

/** Both ends of an exchange; `between` may put other keys on the way. */
async function exchanged(between: { toSecond?: Pair; toFirst?: Pair } = {}, round = 1) {
  const [first, second] = [await newPair(), await newPair()]
  const shownToSecond = between.toSecond?.publicKey ?? first.publicKey
  const shownToFirst = between.toFirst?.publicKey ?? second.publicKey
  const common = { talk: 't1', round }
  return {
    first: await agree(first, 'first', { ...common, commitment: await commitmentTo(first.publicKey), first: first.publicKey, second: shownToFirst }),
    second: await agree(second, 'second', { ...common, commitment: await commitmentTo(shownToSecond), first: shownToSecond, second: second.publicKey }),
  }
}

describe('two pages', () => {
  it('see the same code of eight digits, hold the same proofs and read each other', async () => {
    const { first, second } = await exchanged()
    expect(first.code).toMatch(/^\d{8}$/)
    expect(second.code).toBe(first.code)
    expect(second.proof).toEqual(first.proof)
    expect(first.proof.first).not.toEqual(first.proof.second)
    const said = utf8('最近还好吗？')
    expect(await unseal(second, LABEL, await seal(first, LABEL, said))).toEqual(said)
    expect(await unseal(first, LABEL, await seal(second, LABEL, utf8('好')))).toEqual(utf8('好'))
  })

  it('see different codes and proofs when somebody sits between them', async () => {
    const intruder = await newPair()
    const { first, second } = await exchanged({ toSecond: intruder, toFirst: intruder })
    expect(second.code).not.toBe(first.code)
    expect(second.proof.first).not.toEqual(first.proof.first)
  })

  it('notice a key that is not the one committed to', async () => {
    const [honest, intruder] = [await newPair(), await newPair()]
    const commitment = await commitmentTo(honest.publicKey)
    await checkRevealed(honest.publicKey, commitment)
    await expect(checkRevealed(intruder.publicKey, commitment)).rejects.toThrow(Tampered)
  })

  it.each([new Uint8Array(0), new Uint8Array(65), new Uint8Array(65).fill(4)])('refuse what is no key', async (wrong) => {
    const own = await newPair()
    await expect(agree(own, 'first', { talk: 't1', round: 1, commitment: await commitmentTo(own.publicKey), first: own.publicKey, second: wrong })).rejects.toThrow(Tampered)
  })

  it('keep keys that cannot be taken out of the browser', async () => {
    const { first } = await exchanged()
    const pair = await newPair()
    for (const key of [first.in, first.out, pair.privateKey]) {
      expect(key.extractable).toBe(false)
      await expect(crypto.subtle.exportKey(key === pair.privateKey ? 'pkcs8' : 'raw', key)).rejects.toThrow()
    }
  })
})

describe('a sealed thing', () => {
  it.each([{ talk: 't2' }, { round: 2 }, { kind: 'picture' }, { number: 2 }])('opens under its own label alone, not under %o', async (other) => {
    const { first, second } = await exchanged()
    const sealed = await seal(first, LABEL, utf8('好'))
    expect(await unseal(second, { ...LABEL, ...other }, sealed)).toBeUndefined()
  })

  it('does not open when a bit was changed, cut short, or sent back to who sealed it', async () => {
    const { first, second } = await exchanged()
    const sealed = await seal(first, LABEL, utf8('好'))
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = sealed.map((byte, index) => (index === at ? byte ^ 1 : byte))
      expect(await unseal(second, LABEL, changed)).toBeUndefined()
    }
    expect(await unseal(second, LABEL, sealed.subarray(0, 10))).toBeUndefined()
    expect(await unseal(first, LABEL, sealed)).toBeUndefined()
    expect(await unsealOwn(first, LABEL, sealed)).toEqual(utf8('好'))
  })

  it('is never the same twice', async () => {
    const { first } = await exchanged()
    expect(await seal(first, LABEL, utf8('好'))).not.toEqual(await seal(first, LABEL, utf8('好')))
  })

  it('that lies apart opens with the key of its message, in its own talk', async () => {
    const picture = crypto.getRandomValues(new Uint8Array(5_000))
    const { sealed, key } = await sealFile('t1', picture)
    expect(await unsealFile('t1', key, sealed)).toEqual(picture)
    expect(await unsealFile('t2', key, sealed)).toBeUndefined()
    expect(await unsealFile('t1', key.map((byte) => byte ^ 1), sealed)).toBeUndefined()
    expect(await unsealFile('t1', key.subarray(1), sealed)).toBeUndefined()
  })
})
