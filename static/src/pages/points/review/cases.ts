/** Proposals, appeals and exemptions as the queue shows them: one form for all. Pure. */
import type { Exemption, PointAppeal, PointProposal } from '@/api'
import { dayWords, signed } from '../points'

export type Decision = 'confirm' | 'decline' | 'uphold' | 'grant'

export interface Case {
  id: string
  kind: 'proposals' | 'appeals' | 'exemptions'
  who: string
  title: string
  amount: string
  minus: boolean
  /** The reason, once more where it is decided: two of one person look alike without it. */
  why: string
  /** What is said about it, each with its name. */
  facts: { name: string; text: string }[]
  link: string
  at: string
  /** How it was decided, in words; empty while it waits. */
  outcome: string
  decisions: Decision[]
  /** Why the person before the screen cannot decide, in words. */
  barred: string
}

export const DECISION_NAMES: Readonly<Record<Decision, string>> = { confirm: '确认', decline: '不予确认', uphold: '维持扣分', grant: '申诉成立' }
const STATES: Readonly<Record<string, string>> = { confirmed: '已确认', declined: '未确认', withdrawn: '已收回', upheld: '维持扣分', granted: '申诉成立，已更正' }

type Person = PointProposal['by']
const named = ({ name, branch }: Person): string => (branch ? `${name}（${branch}）` : name)
const amountOf = (kind: string, value: number) => (kind === 'veto' ? '一票否决' : signed(value))
const outcome = (state: string, who: Person | null, words: string) =>
  state === 'open' ? '' : `${who?.name ?? ''}${STATES[state] ?? state}${words ? `：${words}` : ''}`

export function ofProposal(from: PointProposal, own: string): Case {
  const barred = from.member.id === own ? '与您本人有关，由他人确认' : from.by.id === own ? '您是提出人，等待另一人确认' : ''
  return {
    id: from.id,
    kind: 'proposals',
    who: named(from.member),
    title: from.name,
    amount: amountOf(from.kind, from.value),
    minus: from.kind !== 'award',
    why: from.reason,
    facts: [
      { name: '日期', text: dayWords(from.day) },
      { name: '理由', text: from.reason },
      { name: '依据', text: from.evidence },
      // What the product itself brings is in the name of whom it is about.
      { name: '提出人', text: from.by.id === from.member.id ? '系统根据直播记录提出' : named(from.by) },
    ],
    link: from.link,
    at: from.made_at,
    outcome: outcome(from.state, from.reviewer, from.words),
    decisions: from.state === 'open' && barred === '' ? ['confirm', 'decline'] : [],
    barred: from.state === 'open' ? barred : '',
  }
}

export function ofAppeal(from: PointAppeal, own: string): Case {
  const mine = from.by?.id === own || from.reviewer?.id === own
  const barred = from.member.id === own ? '这是您本人的申诉，由他人答复' : mine ? '您提出或确认过这一条，由他人答复' : ''
  return {
    id: from.id,
    kind: 'appeals',
    who: named(from.member),
    title: from.title || from.name,
    amount: amountOf(from.kind, from.amount),
    minus: true,
    why: from.text,
    facts: [
      { name: '申诉', text: from.text },
      { name: '扣分日期', text: dayWords(from.day) },
      ...(from.reason ? [{ name: '扣分理由', text: from.reason }] : []),
      ...(from.by ? [{ name: '提出人', text: named(from.by) }] : []),
      ...(from.reviewer ? [{ name: '确认人', text: named(from.reviewer) }] : []),
    ],
    link: '',
    at: from.made_at,
    outcome: outcome(from.state, from.answered_by, from.words),
    decisions: from.state === 'open' && barred === '' ? ['uphold', 'grant'] : [],
    barred: from.state === 'open' ? barred : '',
  }
}

export function ofExemption(from: Exemption, own: string): Case {
  const barred = from.by.id === own ? '您是提出人，等待另一人确认' : from.member.id === own ? '与您本人有关，由他人确认' : ''
  return {
    id: from.id,
    kind: 'exemptions',
    who: named(from.member),
    title: from.lift ? '恢复参评' : '不参评',
    amount: `${from.year} 年`,
    minus: false,
    why: from.reason,
    facts: [
      { name: '理由', text: from.reason },
      { name: '提出人', text: named(from.by) },
    ],
    link: '',
    at: from.made_at,
    outcome: outcome(from.state, from.reviewer, from.words),
    decisions: from.state === 'open' && barred === '' ? ['confirm', 'decline'] : [],
    barred: from.state === 'open' ? barred : '',
  }
}

/** Only a plain yes needs no words. */
export const needsWords = (decision: Decision): boolean => decision !== 'confirm'
