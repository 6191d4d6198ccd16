/** What the secretary's desk says and offers now. Pure. */
import type { ShakeDesk } from '@/api'
import { countdownInWords } from '@/core/format'
import { current, momentOf, used, type Round, type Standing } from '../standing'
import type { Revealing } from './useDesk'

export type Act = 'begin' | 'draw' | 'none'

export interface Step {
  title: string
  /** Below it, in the ring. */
  small: string
  words: string
  /** What the ring, and the button below it, do. */
  act: Act
  /** Another round may be begun beside it. */
  again: boolean
  /** 0 to 1 of the round that are left; null where none runs. */
  left: number | null
}

const step = (title: string, words: string, more: Partial<Step> = {}): Step => ({ title, small: '', words, act: 'none', again: false, left: null, ...more })

/** `self`: whose desk it is; `shaken`: how many have shaken in the open round. */
export function stepOf(standing: Standing, desk: Pick<ShakeDesk, 'offer' | 'talk' | 'may_draw'>, self: string, now: number, shaken: number, revealing: Revealing): Step {
  const opens = Date.parse(standing.opens_at)
  if (standing.state === 'cancelled') return step('已取消', '这场摇一摇取消了。')
  if (standing.state === 'closed') return step('已结束', '种子已经公布，人人可以验证。')
  if (now < opens) return step(countdownInWords(opens - now), '到时间后，摇动手机或按下面的按钮开始第一轮。')
  if (desk.talk !== null) return step('正在聊', '聊完以后可以接着抽下一位。')
  if (desk.offer !== null) return step('已抽到一位', '正在等对方回应。对方接受以前只有编号；不接受或没有回应，会自动抽下一位。')
  return roundStep(standing, self, now, shaken, revealing, desk.may_draw)
}

function roundStep(standing: Standing, self: string, now: number, shaken: number, revealing: Revealing, mayDraw: boolean): Step {
  const round = current(standing)
  const moment = momentOf(round, now)
  const more = used(standing) < standing.most_rounds
  const over = now >= Date.parse(standing.closes_at)
  if (moment === 'now' && round !== null) {
    const [begins, ends] = [Date.parse(round.opened_at ?? ''), Date.parse(round.closes_at ?? '')]
    return step(`${shaken} 人`, `第 ${round.number} 轮进行中，还剩 ${Math.max(0, Math.ceil((ends - now) / 1000))} 秒。`, { small: '已参与', left: Math.max(0, (ends - now) / Math.max(1, ends - begins)) })
  }
  if (moment === 'late') return step('封存名单', '时间到了，正在收齐路上的和封存名单，几秒就好。')
  if (moment === 'drawing' && round !== null) return drawing(round.by.id === self, round.by.name, revealing)
  if (over) return step('时间已到', '本场的时间到了，可以结束本场，公布种子。')
  if (moment === 'drawn' && round !== null && untouched(round) > 0 && mayDraw) {
    return step('抽下一位', `从第 ${round.number} 轮的 ${round.size ?? 0} 人里接着抽。`, { act: 'draw', again: more })
  }
  if (!more) return step('轮次用完', `本场的 ${standing.most_rounds} 轮已经用完，可以结束本场。`)
  const before = mayDraw ? '' : '您撤回的次数多了，这一轮不能再抽。'
  return step('摇一摇', `${before}摇动手机，开始第 ${used(standing) + 1} 轮；党员有 ${standing.round_seconds} 秒参加。`, { act: 'begin' })
}

/** How many on the list have not come up; each does once at most. */
const untouched = ({ size, draws }: Round): number => (size ?? 0) - new Set(draws.map(({ pseudonym }) => pseudonym)).size

function drawing(own: boolean, by: string, revealing: Revealing): Step {
  if (!own) return step('等待公布', `名单已封存，等${by}的页面公布随机数。`)
  if (revealing === 'elsewhere') return step('请换设备', '这一轮的随机数存在您开始这一轮的那台设备上，请在那里打开本页，否则 90 秒后这一轮作废。')
  if (revealing === 'refused') return step('没有公布', '随机数没有公布成功，这一轮可能作废，可以再摇一轮。')
  return step('公布随机数', '名单已封存，正在公布您的随机数并抽取。')
}
