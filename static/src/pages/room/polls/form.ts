/** A poll as somebody writes it. Pure: what is wrong with it, and what is sent. */
import type { PollInput, PollResults, PollRow } from '@/api'

export const QUESTION_MOST = 120
export const OPTION_MOST = 60
export const OPTIONS_MOST = 8
const FEWEST = 2

export interface PollForm {
  question: string
  options: string[]
  several: boolean
  /** A number as it is typed. */
  most: string
  results: PollResults
  changeable: boolean
  /** Minutes until it closes by itself; '' for never. */
  minutes: string
}

export interface PollFaults {
  question: string
  options: string[]
  most: string
}

export function blank(): PollForm {
  return { question: '', options: ['', ''], several: false, most: '2', results: 'always', changeable: true, minutes: '' }
}

export function formOf(row: PollRow): PollForm {
  return {
    question: row.question,
    options: [...row.options],
    several: row.most > 1,
    most: String(Math.max(2, row.most)),
    results: row.results,
    changeable: !row.final,
    minutes: row.seconds === null ? '' : String(Math.round(row.seconds / 60)),
  }
}

/** Options left empty at the end are none. */
function written({ options }: PollForm): string[] {
  return options.map((option) => option.trim()).filter((option) => option !== '')
}

export function faultsOf(form: PollForm): PollFaults | null {
  const options = written(form)
  const seen = new Set<string>()
  const faults: PollFaults = {
    question: form.question.trim() === '' ? '请填写问题' : '',
    options: form.options.map((option, place) => {
      const text = option.trim()
      if (text === '') return options.length < FEWEST && place < FEWEST ? `至少填写 ${FEWEST} 个选项` : ''
      const twice = seen.has(text)
      seen.add(text)
      return twice ? '和上面的选项一样' : ''
    }),
    most: '',
  }
  const most = Number(form.most)
  if (form.several && !(Number.isInteger(most) && most >= 2 && most <= Math.max(FEWEST, options.length))) faults.most = `请填 2 到 ${Math.max(FEWEST, options.length)} 之间的数`
  const good = faults.question === '' && faults.most === '' && faults.options.every((each) => each === '')
  return good ? null : faults
}

export function inputOf(form: PollForm): PollInput {
  return {
    question: form.question.trim(),
    options: written(form),
    most: form.several ? Number(form.most) : 1,
    results: form.results,
    final: !form.changeable,
    seconds: form.minutes === '' ? null : Number(form.minutes) * 60,
  }
}
