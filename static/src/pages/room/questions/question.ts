/** Questions as the room's channel tells of them, and the order in which they are shown. Pure. */
import type { Entry } from '@/protocol'

export type QuestionState = 'asked' | 'answering' | 'answered'
export type Order = 'votes' | 'time'

export interface Person {
  id: string
  name: string
  badge?: string | null
}

export interface Reply {
  id: string
  at: string
  by: Person
  text: string
}

export interface Question {
  id: string
  at: string
  /** Absent: asked anonymously. */
  by?: Person | null
  text: string
  state: QuestionState
  /** The answer on air lies between these two moments of the programme. */
  answering_at: string | null
  answered_at: string | null
  /** As last told; see `useVotes`. */
  votes: number
  pinned: boolean
  adopted: string | null
  replies: readonly Reply[]
}

export const ASKED = 'question.asked'
export const REMOVED = 'question.removed'
const FRESH = { state: 'asked', answering_at: null, answered_at: null, votes: 0, pinned: false, adopted: null, replies: [] } as const
const TAKEN: readonly string[] = ['question.voted', 'question.pinned', 'question.answering', 'question.answered', 'question.reopened']

/** What everybody does with an entry: the questions as they are after it. */
export function after(all: readonly Question[], { type, data, by, at }: Entry): readonly Question[] {
  if (!type.startsWith('question.')) return all
  const { id, text, question } = data as { id: string; text?: string; question?: string }
  if (type === ASKED) {
    // Blank where it was taken back meanwhile.
    return text === undefined ? all : [...all, { ...FRESH, id, at, text, ...(by ? { by } : {}) }]
  }
  if (type === REMOVED) return all.filter((each) => each.id !== id)
  const change = changes(type, data, by ?? null, at)
  return all.map((each) => (each.id === (question ?? id) ? change(each) : each))
}

function changes(type: string, data: Record<string, unknown>, by: Person | null, at: string): (question: Question) => Question {
  const { id, text, reply } = data as { id: string; text?: string; reply?: string | null }
  if (TAKEN.includes(type)) return (question) => ({ ...question, ...data })
  if (type === 'question.adopted') return (question) => ({ ...question, adopted: reply ?? null })
  if (type === 'question.replied' && text !== undefined && by !== null) {
    return (question) => ({ ...question, replies: [...question.replies, { id, at, by, text }] })
  }
  if (type === 'question.reply_removed') {
    return (question) => ({
      ...question,
      replies: question.replies.filter((each) => each.id !== id),
      adopted: question.adopted === id ? null : question.adopted,
    })
  }
  return (question) => question
}

/** On top what is being answered now, then what is pinned; what was answered lies below what waits. */
export function ordered(all: readonly Question[], by: Order): Question[] {
  const rank = ({ state, pinned }: Question) => (state === 'answering' ? 0 : pinned ? 1 : state === 'asked' ? 2 : 3)
  const newest = (one: Question, other: Question) => (one.at < other.at ? 1 : one.at > other.at ? -1 : 0)
  const within = (one: Question, other: Question) => (by === 'votes' ? other.votes - one.votes : 0) || newest(one, other)
  return [...all].sort((one, other) => rank(one) - rank(other) || within(one, other))
}

/** Of a broadcast that is over, nothing is being answered any more: what was, was answered until the end. */
export function settled(all: readonly Question[], endedAt: string | null): readonly Question[] {
  if (endedAt === null) return all
  return all.map((each) => (each.state === 'answering' ? { ...each, state: 'answered', answered_at: endedAt } : each))
}

/** The adopted one first, then in their order. */
export function bestFirst({ replies, adopted }: Pick<Question, 'replies' | 'adopted'>): readonly Reply[] {
  const best = replies.find(({ id }) => id === adopted)
  return best === undefined ? replies : [best, ...replies.filter((each) => each !== best)]
}

/** The moments of the answers that were given on air, in the order in which they were given. */
export function spans(all: readonly Question[]): { question: Question; from: number; to: number }[] {
  return all
    .flatMap((question) => {
      const { state, answering_at: from, answered_at: to } = question
      return state !== 'answered' || from === null || to === null ? [] : [{ question, from: Date.parse(from), to: Date.parse(to) }]
    })
    .sort((one, other) => one.from - other.from)
}
