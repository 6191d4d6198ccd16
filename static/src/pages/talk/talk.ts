/** A talk as its two meet it, and what the page says of it in words. Pure. */
import type { Entry } from '@/protocol'

export type TalkSide = 'secretary' | 'member'
export type EndReason = 'time' | 'secretary' | 'member' | 'nobody_came' | 'erased'
export type ErasedBy = 'secretary' | 'member' | 'both' | 'retention'

export interface Person {
  id: string
  name: string
}

/** The part `talk` of the conversation's snapshot; each entry that changes it says which fields it changes. */
export interface LiveTalk {
  id: string
  state: 'waiting' | 'open' | 'ended'
  minutes: number
  begun_at: string
  opened_at: string | null
  ends_at: string | null
  ended_at: string | null
  reason: EndReason | null
  secretary: Person
  member: Person
  extension: { used: number; most: number; asked_by: TalkSide | null }
  keep_nothing: TalkSide[]
  summary: { state: 'none' | 'proposed' | 'agreed'; by: TalkSide | null }
  erased: { at: string; by: ErasedBy } | null
}

const CHANGES: readonly string[] = [
  'talk.opened', 'talk.ended', 'talk.extension_asked', 'talk.extension_declined', 'talk.extended', 'talk.keeping', 'talk.summary', 'talk.erased',
]

export function talkAfter(talk: LiveTalk, entries: readonly Entry[]): LiveTalk {
  const told = entries.filter(({ type }) => CHANGES.includes(type))
  return told.reduce<LiveTalk>((now, { data }) => ({ ...now, ...(data as Partial<LiveTalk>) }), talk)
}

export const sideOf = (talk: LiveTalk, me: string | null): TalkSide => (talk.secretary.id === me ? 'secretary' : 'member')
export const otherOf = (talk: LiveTalk, me: string | null): Person => (talk.secretary.id === me ? talk.member : talk.secretary)

const two = (value: number): string => String(value).padStart(2, '0')

/** 12:05; never below zero. */
export function lengthOf(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000))
  return `${String(Math.floor(seconds / 60))}:${two(seconds % 60)}`
}

/** As it is heard: 12 分 5 秒. */
export function spokenLength(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000))
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60]
  return minutes === 0 ? `${String(rest)} 秒` : rest === 0 ? `${String(minutes)} 分钟` : `${String(minutes)} 分 ${String(rest)} 秒`
}

/** What is left of it, up to its time; null while its time does not run. */
export function leftOf(talk: LiveTalk, now: number): number | null {
  return talk.state === 'open' && talk.ends_at !== null ? Math.max(0, Date.parse(talk.ends_at) - now) : null
}

/** ms before the end at which the page says that there is an end. */
export const WARNS = 2 * 60_000

export function endWords(talk: LiveTalk, side: TalkSide): string {
  switch (talk.reason) {
    case 'time':
      return '谈话时间到了，已自动结束'
    case 'nobody_came':
      return '双方没能在 5 分钟内连上，这次谈话没有开始，不计入记录，可以下次再聊'
    case 'erased':
      return '谈话已结束，内容已删除'
    case 'secretary':
    case 'member':
      return talk.reason === side ? '您结束了这次谈话' : '对方结束了这次谈话'
    default:
      return '谈话已结束'
  }
}

export function erasedWords(by: ErasedBy, side: TalkSide): string {
  if (by === 'both') return '双方都选择了什么也不留，聊天内容已经删除'
  if (by === 'retention') return '保存期已满，聊天内容已经删除'
  return by === side ? '您已删除本次谈话的内容，双方都不能再打开' : '对方已删除本次谈话内容'
}

/** Four two-digit numbers, one after the other, as one reads them aloud. */
export const inPairs = (code: string): string[] => code.match(/\d{2}/g) ?? []
