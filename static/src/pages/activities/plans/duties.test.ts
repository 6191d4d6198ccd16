import { describe, expect, it } from 'vitest'
import type { Duty } from '@/api'
import { periodName, warnings } from './duties'

function duty(cycle: Duty['cycle'], stages: Duty['periods'][number]['stage'][], urgent = false): Duty {
  const periods = stages.map((stage, index) => ({ number: index + 1, starts: '2026-01-01', ends: '2026-03-31', stage, held: 0, confirmed: 0 }))
  return { kind: 'general', cycle, applies: true, owed: 4, held: 0, confirmed: 0, missed: 0, urgent, periods }
}

describe('the plan in words', () => {
  it('names the periods that went by without, and the one that is ending', () => {
    expect(warnings({ duties: [duty('quarter', ['missed', 'missed', 'due', 'to_come'], true)] })).toEqual([
      '支部党员大会：一季度、二季度没有开',
      '支部党员大会：三季度快结束了，还没有安排',
    ])
  })

  it('says nothing where all is well', () => {
    expect(warnings({ duties: [duty('quarter', ['held', 'planned', 'to_come', 'to_come'])] })).toEqual([])
  })

  it('calls periods as people do', () => {
    expect([periodName({ cycle: 'month' }, 12), periodName({ cycle: 'quarter' }, 4), periodName({ cycle: 'year' }, 1)]).toEqual(['12月', '四季度', '全年'])
  })
})
