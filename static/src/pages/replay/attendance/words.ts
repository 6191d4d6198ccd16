/** What watching a replay counts for, and how one stands, in words. Pure. */
import type { OwnAttendance } from '@/api'
import { standing as standingWords } from '../../room/attendance/roll-call'

type Replay = NonNullable<OwnAttendance['replay']>
type OwnQuiz = NonNullable<Replay['quiz']>
interface Standing { answered: number; needed: number }

/** 12月30日 */
function day(at: string): string {
  const date = new Date(at)
  return `${date.getMonth() + 1}月${date.getDate()}日`
}

/** 再看 3 分钟 …; empty when one may answer now. `watched`: ms. */
export function quizWait({ needed_ms: needed, open, last }: OwnQuiz, watched: number, now: number): string {
  if (open) return ''
  if (watched < needed) return `再看 ${Math.ceil((needed - watched) / 60_000)} 分钟就能答题`
  const again = last?.again_at ? Date.parse(last.again_at) : 0
  return again > now ? `${Math.max(1, Math.round((again - now) / 60_000))} 分钟后可以换题再答` : ''
}

/** How one stands; nothing before anything has happened. */
export function stateWords(own: OwnAttendance, standing: Standing): string {
  const { replay } = own
  if (own.confirmed_at !== null) return own.way === 'replay' ? '您已通过回看记为到课' : replay === null ? '' : '您已在直播时到课，看回看不重复计算'
  if (replay === null || replay.until === null) return ''
  if (!replay.open) return `看回看算到课的期限已过（${day(replay.until)}止）`
  if (replay.quiz !== null) return replay.quiz.last === null ? '' : `上次答对 ${replay.quiz.last.right} 道，没有通过`
  return answeredWords(replay, standing)
}

function answeredWords({ missed }: Replay, standing: Standing): string {
  if (standing.answered === 0) return missed === 0 ? '' : `错过了 ${missed} 次点名，还没有算到课。往回重看，会再点名`
  const so = standingWords(standing, false)
  return missed === 0 ? so : `${so}。错过了 ${missed} 次，往回重看会再点名`
}

/** What makes this replay count, while it does for whoever has not done it yet. `counts`: it is credited to whoever looks. */
export function ruleWords({ confirmed_at: confirmed, replay }: OwnAttendance, counts: boolean): string {
  if (confirmed !== null || replay === null || !replay.open || replay.until === null) return ''
  const rule = replay.quiz === null
    ? `观看中会不定时点名 ${replay.number} 次（跳着看不点名），应答 ${replay.needed} 次算到课`
    : '看完大约一半后答 3 道题，答对 2 道算到课'
  return `${rule}${counts ? '，计入积分' : ''}。${day(replay.until)}前有效`
}
