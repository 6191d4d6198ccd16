import { describe, expect, it } from 'vitest'
import { newestRound, type Step } from '@/sealed/exchange'
import { MemoryKeeper } from '@/sealed/keeper'
import { Refused } from '@/protocol'
import { Keys, lacks, NO_KEYS, type KeyView } from './keys'

type Who = 'secretary' | 'member'

/** A server that keeps the order of steps as the real one does, and the pages that follow it. */
class Relay {
  readonly said: { by: Who; step: Step }[] = []
  private readonly pages: { by: Who; keys: Keys }[] = []

  /** `stale`: it is shown what there was before these many steps, and the steps after. */
  open(by: Who, keeper = new MemoryKeeper(), stale = 0): { keys: Keys; view: () => KeyView; keeper: MemoryKeeper; close: () => void } {
    let view = NO_KEYS
    const page = {
      by,
      keys: new Keys({
        keeper, talk: 't', owner: by,
        say: ({ step, data, round, device }) => {
          return this.take(by, { mine: false, device, round, step, data }) ? Promise.resolve() : Promise.reject(new Refused('key_round_over', ''))
        },
        changed: (now) => { view = now },
      }),
    }
    this.pages.push(page)
    const [shown, missed] = [this.heard(by).slice(0, this.said.length - stale), this.heard(by).slice(this.said.length - stale)]
    const newest = newestRound(shown)
    page.keys.begin(shown.filter(({ round }) => round === newest), false)
    if (missed.length > 0) void page.keys.settled.then(() => { page.keys.hear(missed) })
    return { keys: page.keys, view: () => view, keeper, close: () => this.pages.splice(this.pages.indexOf(page), 1) }
  }

  private heard(by: Who): Step[] {
    return this.said.map(({ by: who, step }) => ({ ...step, mine: who === by }))
  }

  private take(by: Who, step: Step): boolean {
    const newest = newestRound(this.said.map((each) => each.step))
    const before = this.said.find((each) => each.by === by && each.step.step === step.step && each.step.round === step.round)
    if (before !== undefined) return before.step.device === step.device
    if (step.round < newest || (step.step === 'hello' && step.round > newest + 1)) return false
    this.said.push({ by, step })
    for (const page of [...this.pages]) page.keys.hear([{ ...step, mine: page.by === by }])
    return true
  }

  async quiet(): Promise<void> {
    for (let times = 0; times < 30; times += 1) {
      await Promise.all(this.pages.map(({ keys }) => keys.settled))
      await new Promise((resolve) => setTimeout(resolve))
    }
  }
}

describe('the two pages of a talk', () => {
  it('agree, have the same code, and still have it after a reload', async () => {
    const relay = new Relay()
    const secretary = relay.open('secretary')
    await relay.quiet()
    expect(secretary.view().state).toBe('alone')
    const member = relay.open('member')
    await relay.quiet()
    expect([secretary.view().state, member.view().state]).toEqual(['agreed', 'agreed'])
    expect(member.view().code).toMatch(/^\d{8}$/)
    expect(secretary.view().code).toBe(member.view().code)
    member.close()
    const again = relay.open('member', member.keeper)
    await relay.quiet()
    expect(again.view()).toMatchObject({ state: 'agreed', code: secretary.view().code, round: 1, fresh: false })
    expect(relay.said).toHaveLength(7)
  })

  it('agree anew when one of them comes with another device, which both are told', async () => {
    const relay = new Relay()
    const [secretary, member] = [relay.open('secretary'), relay.open('member')]
    await relay.quiet()
    await secretary.keys.check(true)
    const code = secretary.view().code
    const phone = relay.open('member')
    await relay.quiet()
    expect(phone.view()).toMatchObject({ state: 'agreed', round: 2, fresh: true, checked: false })
    expect(secretary.view()).toMatchObject({ state: 'agreed', round: 2, otherFresh: true, checked: false })
    expect(secretary.view().code).not.toBe(code)
    expect(member.view()).toMatchObject({ state: 'elsewhere', code: '' })
    expect(lacks(secretary.keys.kept!, 1, secretary.view().other)).toBe(true)
    member.keys.continueHere()
    await relay.quiet()
    expect(member.view()).toMatchObject({ state: 'agreed', round: 3, fresh: false })
    expect(phone.view().state).toBe('elsewhere')
    // The member's first device has the keys of the first round; what came between is new to it.
    expect([1, 2, 3].map((round) => lacks(secretary.keys.kept!, round, secretary.view().other))).toEqual([false, true, false])
  })

  it.each([1, 4, 6, 7])('agree with another device too that is shown what there was %i steps ago', async (stale) => {
    const relay = new Relay()
    const [secretary, member] = [relay.open('secretary'), relay.open('member')]
    await relay.quiet()
    const phone = relay.open('member', new MemoryKeeper(), stale)
    await relay.quiet()
    expect(phone.view()).toMatchObject({ state: 'agreed', round: 2, fresh: true })
    expect(secretary.view().code).toBe(phone.view().code)
    expect(member.view().state).toBe('elsewhere')
  })

  it('agree anew where a browser has lost its keys, and where both have', async () => {
    const relay = new Relay()
    const [secretary, member] = [relay.open('secretary'), relay.open('member')]
    await relay.quiet()
    secretary.close()
    member.close()
    const [one, two] = [relay.open('secretary'), relay.open('member')]
    await relay.quiet()
    expect(one.view().state).toBe('agreed')
    expect(two.view().code).toBe(one.view().code)
    expect([one.view().fresh, two.view().fresh]).toEqual([true, true])
  })

  it('of one browser with two tabs are one device', async () => {
    const relay = new Relay()
    const keeper = new MemoryKeeper()
    const [one, two] = [relay.open('member', keeper), relay.open('member', keeper)]
    relay.open('secretary')
    await relay.quiet()
    expect([one.view().state, two.view().state]).toEqual(['agreed', 'agreed'])
    expect(one.view().code).toBe(two.view().code)
    expect(one.keys.device).toBe(two.keys.device)
  })

  it('agree anew when their owners find that the codes are not alike', async () => {
    const relay = new Relay()
    const [secretary, member] = [relay.open('secretary'), relay.open('member')]
    await relay.quiet()
    await member.keys.check(false)
    await relay.quiet()
    expect(member.view().state).toBe('refused')
    member.keys.anew()
    await relay.quiet()
    expect([secretary.view().state, member.view().state]).toEqual(['agreed', 'agreed'])
    expect(secretary.view()).toMatchObject({ round: 2, otherFresh: false })
  })

  it('do not trust such keys again after a reload, nor what comes under them', async () => {
    const relay = new Relay()
    const member = relay.open('member')
    relay.open('secretary')
    await relay.quiet()
    await member.keys.check(false)
    await relay.quiet()
    member.close()
    const again = relay.open('member', member.keeper)
    await relay.quiet()
    expect(again.view()).toMatchObject({ state: 'refused', checked: false })
    await again.keys.check(true)
    await relay.quiet()
    expect(again.view()).toMatchObject({ state: 'refused', checked: false })
    again.keys.anew()
    await relay.quiet()
    expect(again.view()).toMatchObject({ state: 'agreed', round: 2 })
    expect([again.keys.doubts(1), again.keys.doubts(2)]).toEqual([true, false])
  })

  it('give a server that sits in between no guesses at the code without end', async () => {
    const keeper = new MemoryKeeper()
    const said: string[] = []
    let view = NO_KEYS
    const keys = new Keys({ keeper, talk: 't', owner: 'member', say: ({ step, round }) => Promise.resolve(said.push(`${step} ${String(round)}`)), changed: (now) => { view = now } })
    // It says that the other side has come with a new device, before this one has seen a code, again and again.
    for (let round = 1; round <= 150; round += 1) {
      keys.begin([{ mine: false, device: `d${String(round)}`, round, step: 'hello', data: '' }], false)
      await keys.settled
    }
    expect(view.state).toBe('tampered')
    expect(said).toHaveLength(100)
  })

  it('say nothing once the talk is over', async () => {
    const relay = new Relay()
    const [secretary, member] = [relay.open('secretary'), relay.open('member')]
    await relay.quiet()
    const said = relay.said.length
    const late = new Keys({ keeper: new MemoryKeeper(), talk: 't', owner: 'member', say: () => Promise.reject(new Error('said something')), changed: () => undefined })
    late.begin(relay.said.map(({ step }) => step), true)
    member.keys.end()
    secretary.keys.end()
    await Promise.all([late.settled, relay.quiet()])
    expect(late.view.state).toBe('unknown')
    expect(member.view().state).toBe('agreed')
    expect(relay.said).toHaveLength(said)
  })
})
