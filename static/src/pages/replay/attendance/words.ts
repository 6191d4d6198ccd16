/** What watching a replay counts for, in words. Pure. */
import type { OwnAttendance } from '@/api'

/** 12月30日 */
function day(at: string): string {
  const date = new Date(at)
  return `${date.getMonth() + 1}月${date.getDate()}日`
}

type OwnQuiz = NonNullable<NonNullable<OwnAttendance['replay']>['quiz']>

function quizWords({ last }: OwnQuiz, counts: boolean, until: string): string {
  const rule = `看完大约一半后答 3 道题，答对 2 道算到课${counts ? '，计入积分' : ''}`
  return last === null ? `${rule}。${until}前有效` : `上次答对 ${last.right} 道，没有通过，可以换题再答。${until}前有效`
}

/** 还差 3 分钟 …; empty when one may answer now. `watched`: ms. */
export function quizWait({ needed_ms: needed, open, last }: OwnQuiz, watched: number, now: number): string {
  if (open) return ''
  if (watched < needed) return `再看 ${Math.ceil((needed - watched) / 60_000)} 分钟就能答题`
  const again = last?.again_at ? Date.parse(last.again_at) : 0
  return again > now ? `${Math.max(1, Math.round((again - now) / 60_000))} 分钟后可以再答` : ''
}

/** The line above a replay; nothing where it does not count and nothing was earned. `counts`: it is credited to whoever looks. */
export function replayWords(own: OwnAttendance, standing: { answered: number; needed: number }, counts: boolean): string {
  if (own.confirmed_at !== null) return own.way === 'replay' ? '您已通过回看记为到课' : own.replay === null ? '' : '您已在直播时到课，看回看不重复计算'
  const { replay } = own
  if (replay === null || replay.until === null) return ''
  if (!replay.open) return `看回看算到课的期限已过（${day(replay.until)}止）`
  if (replay.quiz !== null) return quizWords(replay.quiz, counts, day(replay.until))
  const rule = `观看中会不定时点名 ${replay.number} 次，应答 ${replay.needed} 次算到课${counts ? '，计入积分' : ''}`
  const so = standing.answered > 0 ? `，已应答 ${standing.answered} 次` : ''
  return `${rule}${so}。${day(replay.until)}前有效`
}
