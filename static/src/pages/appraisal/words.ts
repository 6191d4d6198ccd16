/** The yearly appraisal in words. Pure. */
import type { Appraisal, AppraisalGrade, AppraisalMark, AppraisalMarks, Aspect, OwnAppraisal } from '@/api'

export const ASPECTS: readonly { code: Aspect; label: string; about: string }[] = [
  { code: 'de', label: '德', about: '政治品德、作风' },
  { code: 'neng', label: '能', about: '能力、业务' },
  { code: 'qin', label: '勤', about: '出勤、履职' },
  { code: 'ji', label: '绩', about: '工作成绩' },
  { code: 'lian', label: '廉', about: '廉洁自律' },
]
export const MARKS: { value: AppraisalMark; label: string }[] = [
  { value: 'good', label: '好' },
  { value: 'fair', label: '较好' },
  { value: 'plain', label: '一般' },
  { value: 'poor', label: '差' },
]
export const GRADES: { value: AppraisalGrade; label: string }[] = [
  { value: 'excellent', label: '优秀' },
  { value: 'qualified', label: '合格' },
  { value: 'barely', label: '基本合格' },
  { value: 'unqualified', label: '不合格' },
]
const GRADE_NAMES = Object.fromEntries(GRADES.map(({ value, label }) => [value, label])) as Readonly<Record<AppraisalGrade, string>>
export const gradeName = (grade: AppraisalGrade): string => GRADE_NAMES[grade]

export const STATE_NAMES: Readonly<Record<Appraisal['state'], string>> = { open: '自评和互评中', grading: '支部评定中', submitted: '等待党委确认', confirmed: '已确认' }

export const isWhole = (marks: AppraisalMarks | undefined): boolean => marks !== undefined && ASPECTS.every(({ code }) => marks[code] !== undefined)

export const allAs = (mark: AppraisalMark): AppraisalMarks => Object.fromEntries(ASPECTS.map(({ code }) => [code, mark]))

/** The one mark on all five aspects, where it is one. */
export function sameMark(marks: AppraisalMarks | undefined): AppraisalMark | '' {
  const first = marks?.de
  return first !== undefined && ASPECTS.every(({ code }) => marks?.[code] === first) ? first : ''
}

const DAY = 86_400_000

/** A last day, and how many are left of it: 12月20日前，还有 5 天. `now` in ms. */
export function until(day: string, now: number): string {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
  const today = new Date(now)
  const left = Math.round((Date.UTC(year, month - 1, date) - Date.UTC(today.getFullYear(), today.getMonth(), today.getDate())) / DAY)
  const words = `${month}月${date}日`
  if (left < 0) return `${words}已截止`
  return left === 0 ? `${words}（今天）截止` : `${words}截止，还有 ${left} 天`
}

/** What the member has to do next, in one line. */
export function nextStep(own: OwnAppraisal, now: number): string {
  const { appraisal } = own
  if (appraisal.state === 'confirmed') return own.grade === null ? '评议已经结束。' : '评议已经结束，结果见下。'
  if (appraisal.state !== 'open') return '自评和互评已经结束，等待支部评定和党委确认。结果会显示在这里。'
  if (own.may_assess && own.self_grade === null) return `请先自评：${until(appraisal.self_until, now)}。`
  if (own.may_mark) return `请给同志们打分：${until(appraisal.peers_until, now)}。`
  if (own.marked || !own.votes) return '您的部分已经完成，等待支部评定。'
  return '这一步已经截止，等待支部评定。'
}
