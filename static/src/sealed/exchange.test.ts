import { describe, expect, it } from 'vitest'
import { toBase64 } from './bytes'
import { advance, newRound, type Outcome, type RoundState, type Standing, type Step } from './exchange'
import { commitmentTo, newPair } from './handshake'

type Who = 'a' | 'b'
type Between = (step: Step, to: Who) => Step

/** Two pages and what lies between them; each hears the journal as `between` hands it on. */
class Two {
  readonly said: { by: Who; step: Step }[] = []
  readonly standing: Record<Who, Standing> = { a: 'alone', b: 'alone' }
  states!: Record<Who, RoundState>

  constructor(private readonly between: Between = (step) => step) {}

  static async begun(between?: Between): Promise<Two> {
    const two = new Two(between)
    two.states = { a: newRound(await newPair()), b: newRound(await newPair()) }
    two.say('a', { step: 'hello', data: '' })
    return two
  }

  say(by: Who, { step, data }: Pick<Step, 'step' | 'data'>): void {
    this.said.push({ by, step: { mine: false, device: `device-${by}`, round: 1, step, data } })
  }

  heard(by: Who): Step[] {
    return this.said.map(({ by: who, step }) => (who === by ? { ...step, mine: true } : this.between(step, by)))
  }

  async turn(by: Who): Promise<Outcome> {
    const outcome = await advance('t', 1, `device-${by}`, this.heard(by), this.states[by])
    this.states[by] = outcome.state
    this.standing[by] = outcome.standing
    if (outcome.say !== null) this.say(by, outcome.say)
    return outcome
  }

  async end(): Promise<void> {
    for (let times = 0; times < 8; times += 1) {
      await this.turn('b')
      await this.turn('a')
    }
  }
}

describe('two pages', () => {
  it('agree in five steps, whoever came first, and throw their pairs away', async () => {
    const two = await Two.begun()
    expect((await two.turn('a')).standing).toBe('alone')
    two.say('b', { step: 'hello', data: '' })
    await two.end()
    expect(two.standing).toEqual({ a: 'agreed', b: 'agreed' })
    expect(two.states.a.keys?.code).toBe(two.states.b.keys?.code)
    expect(two.states.a.pair).toBeNull()
    expect(two.states.a.other).toBe('device-b')
    expect(two.said.map(({ by, step }) => `${by} ${step.step}`).slice(2, 5)).toEqual(['a commit', 'b reveal_second', 'a reveal_first'])
    expect(two.said).toHaveLength(7)
  })

  it('go on where they were after a reload at any step', async () => {
    const two = await Two.begun()
    two.say('b', { step: 'hello', data: '' })
    for (let times = 0; times < 8; times += 1) {
      for (const who of ['a', 'b'] as const) {
        await two.turn(who)
        two.states[who] = structuredClone(two.states[who]) // as it comes out of the browser's database
      }
    }
    expect(two.standing).toEqual({ a: 'agreed', b: 'agreed' })
    expect(two.said).toHaveLength(7)
  })

  it('do not see the second key before the first has been committed to', async () => {
    const two = await Two.begun()
    two.say('b', { step: 'hello', data: '' })
    expect((await two.turn('b')).say).toBeNull()
    await two.turn('a')
    expect((await two.turn('b')).say?.step).toBe('reveal_second')
  })
})

describe('a server that changes what was said', () => {
  it('is noticed where a key was swapped on the way to one of them', async () => {
    const intruder = toBase64((await newPair()).publicKey)
    const two = await Two.begun((step, to) => (step.step === 'reveal_second' && to === 'a' ? { ...step, data: intruder } : step))
    two.say('b', { step: 'hello', data: '' })
    await two.end()
    expect([two.standing.a, two.standing.b]).toContain('tampered')
    expect(two.standing.a === 'agreed' && two.standing.b === 'agreed').toBe(false)
  })

  it('cannot show another first key than the one committed to', async () => {
    const intruder = await newPair()
    const two = await Two.begun((step) => (step.step === 'reveal_first' ? { ...step, data: toBase64(intruder.publicKey) } : step))
    two.say('b', { step: 'hello', data: '' })
    await two.end()
    expect(two.standing.b).toBe('tampered')
  })

  it('cannot change the commitment once it was answered', async () => {
    const intruder = await newPair()
    let late = false
    const commitment = toBase64(await commitmentTo(intruder.publicKey))
    const two = await Two.begun((step) => {
      if (late && step.step === 'commit') return { ...step, data: commitment }
      return late && step.step === 'reveal_first' ? { ...step, data: toBase64(intruder.publicKey) } : step
    })
    two.say('b', { step: 'hello', data: '' })
    await two.turn('a')
    await two.turn('b')
    late = true
    await two.end()
    expect(two.standing.b).toBe('tampered')
  })

  it('cannot make the first of a page that has shown its key as the second, and then look for a key to answer it with', async () => {
    const two = await Two.begun()
    two.say('b', { step: 'hello', data: '' })
    await two.turn('a')
    const [shown, other] = [(await two.turn('b')).say, two.heard('b')]
    expect(shown?.step).toBe('reveal_second')
    // With b's key in hand, the server has all the time it wants to find one that makes the codes alike.
    const found = { ...other[0]!, step: 'reveal_second' as const, data: toBase64((await newPair()).publicKey) }
    const turned = await advance('t', 1, 'device-b', [other[1]!, other[0]!, found], two.states.b)
    expect([turned.standing, turned.say]).toEqual(['tampered', null])
  })

  it.each(['', '***', 'AAAA'])('is noticed where a key is %j', async (data) => {
    const two = await Two.begun((step) => (step.step === 'reveal_second' ? { ...step, data } : step))
    two.say('b', { step: 'hello', data: '' })
    await two.end()
    expect(two.standing.a).toBe('tampered')
  })
})

it('a page whose side goes on elsewhere knows it', async () => {
  const two = await Two.begun()
  two.say('b', { step: 'hello', data: '' })
  const outcome = await advance('t', 1, 'device-c', two.heard('a'), newRound(await newPair()))
  expect(outcome.standing).toBe('elsewhere')
})
