/** The plan of a year in words. */
import type { BranchYear, Duty, DutyStage } from '@/api'
import { KIND_NAMES } from '../words'

export const STAGE_WORDS: Readonly<Record<DutyStage, string>> = {
  held: '已开',
  planned: '已安排',
  due: '待安排',
  missed: '没有开',
  to_come: '未到',
  free: '不要求',
}

const QUARTERS = ['一', '二', '三', '四']
const EVERY: Readonly<Record<Duty['cycle'], string>> = { month: '每月一次', quarter: '每季度一次', year: '每年一次' }

export const everyWords = (duty: Pick<Duty, 'cycle'>): string => EVERY[duty.cycle]

export function periodName(duty: Pick<Duty, 'cycle'>, number: number): string {
  if (duty.cycle === 'year') return '全年'
  return duty.cycle === 'quarter' ? `${QUARTERS[number - 1] ?? ''}季度` : `${number}月`
}

/** What a branch must see to, in sentences; empty where all is well. */
export function warnings(branch: Pick<BranchYear, 'duties'>): string[] {
  const found: string[] = []
  for (const duty of branch.duties) {
    const missed = duty.periods.filter((each) => each.stage === 'missed').map((each) => periodName(duty, each.number))
    if (missed.length > 0) found.push(`${KIND_NAMES[duty.kind]}：${missed.join('、')}没有开`)
    const now = duty.periods.find((each) => each.stage === 'due')
    if (duty.urgent && now !== undefined) found.push(`${KIND_NAMES[duty.kind]}：${periodName(duty, now.number)}快结束了，还没有安排`)
  }
  return found
}
