/** What stands in and below the ring for a member, by how the session, the round and one's own part in it stand. Pure. */
import { countdownInWords, dateAndTime, dayAndTime } from '@/core/format'
import { current, momentOf, used, waiting, type Standing } from './standing'
import type { Mine } from './useShake'

export interface Part {
  eligible: boolean
  why_not?: string | null
  from?: string | null
}

export interface Face {
  /** In the ring. */
  title: string
  small: string
  /** Below it, a sentence. */
  words: string
  /** 0 to 1 of the round that are left; null where none runs. */
  left: number | null
  taken: boolean
  /** A shake counts now. */
  active: boolean
  busy: boolean
}

const face = (title: string, small: string, words: string, more: Partial<Face> = {}): Face => ({ title, small, words, left: null, taken: false, active: false, busy: false, ...more })

/** Why somebody cannot take part, in plain words; '' where they can. */
export function hindrance(part: Part | null, exclusionDays: number, now: number): string {
  if (part === null || part.eligible) return ''
  if (part.why_not === 'recently_talked') {
    const from = part.from ? `${dateAndTime(part.from, now)} 起可以再参加` : ''
    return `您最近聊过，${exclusionDays} 天内不再参加抽取，把机会留给别人。${from}`
  }
  if (part.why_not === 'already_drawn') return '您在本场已经聊过了，不再参加抽取。'
  if (part.why_not === 'secretary') return '您是本场的书记，由您来开始，不参加抽取。'
  return '本场没有邀请您所在的支部，您可以看，不能参加抽取。'
}

/** `mine`: one's shake in the current round; `online`: the server can be reached. */
export function faceOf(standing: Standing, mine: Mine | null, part: Part | null, now: number, online: boolean): Face {
  const opens = Date.parse(standing.opens_at)
  if (standing.state === 'cancelled') return face('已取消', '', '这场摇一摇取消了。')
  if (standing.state === 'closed') return face('已结束', '', `谢谢您的参与。本场共 ${used(standing)} 轮。`)
  if (now < opens) return face(countdownInWords(opens - now), '后开始', `${dayAndTime(opens, now)} 开始，到时在这个页面摇动手机。`)
  const hindered = hindrance(part, standing.exclusion_days, now)
  if (hindered !== '') return face('不能参加', '', hindered)
  return roundFace(standing, mine, now, online)
}

function roundFace(standing: Standing, mine: Mine | null, now: number, online: boolean): Face {
  const round = current(standing)
  const moment = momentOf(round, now)
  const ends = Date.parse(round?.closes_at ?? '')
  const begins = Date.parse(round?.opened_at ?? '')
  const left = Math.max(0, Math.min(1, (ends - now) / Math.max(1, ends - begins)))
  const seconds = `还剩 ${Math.max(0, Math.ceil((ends - now) / 1000))} 秒`
  if (moment === 'none') return face('请稍候', '', `等待书记开始${used(standing) === 0 ? '第一轮' : '下一轮'}。开始时手机会提示，请留在这个页面。`)
  if (moment === 'soon') return face('准备', '书记马上开始', '拿好手机，圆圈变红就摇。')
  if (mine?.state === 'taken') return taken(standing, mine.shaken.pseudonym, moment === 'now' ? seconds : '')
  if (moment === 'now') {
    if (mine?.state === 'sending') return online ? face('正在送出', seconds, '', { left, busy: true }) : face('没有网络', seconds, '已经记下，一连上就送出；须在本轮结束前送到服务器。', { left, busy: true })
    if (mine?.state === 'refused') return face('没有成功', seconds, mine.reason, { left, active: true })
    return face('摇一摇', seconds, online ? '摇动手机，感觉到了就算参加。' : '没有网络。可以先摇，一连上就送出。', { left, active: true })
  }
  if (mine?.state === 'sending') return face('时间到', '', '您的参与还在路上，送到的时间以服务器为准。', { busy: true })
  if (mine?.state === 'refused') return face('没有赶上', '', `${mine.reason}。${next(standing)}`)
  return face('时间到', '', `这一轮您没有参加。${next(standing)}`)
}

function taken(standing: Standing, pseudonym: string, seconds: string): Face {
  const round = current(standing)
  const up = round?.draws.find((each) => each.pseudonym === pseudonym)
  if (seconds !== '') return face('已参与', seconds, '已参与，等待书记抽取。请留在这个页面，也可以去看别的，抽中时会提示。', { taken: true })
  if (round?.state !== 'revealed') return face('已参与', '', `这一轮结束了${round?.size ? `，共 ${round.size} 人参加` : ''}，正在准备抽取。`, { taken: true })
  if (up?.state === 'accepted') return face('已聊过', '', '您在这一轮被抽中并接受了，谢谢您。', { taken: true })
  if (up !== undefined && ['declined', 'lapsed', 'withdrawn'].includes(up.state)) return face('谢谢参与', '', `这次没有聊成，没有任何影响。${next(standing)}`, { taken: true })
  if (waiting(standing) !== null) return face('已参与', '', '正在等一位抽中的党员回应。', { taken: true })
  return face('谢谢参与', '', `这一轮暂时没有抽到您，书记聊完还可能再抽。${next(standing)}`, { taken: true })
}

function next(standing: Standing): string {
  const left = standing.most_rounds - used(standing)
  return left > 0 ? `最多还有 ${left} 轮，请留在这里。` : '本场的轮次已经用完，下次再来。'
}
