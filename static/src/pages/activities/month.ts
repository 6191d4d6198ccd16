/** The days of a month as a calendar shows them: whole weeks, from Monday on. */

export interface Day {
  key: string
  date: number
  inMonth: boolean
}

const two = (value: number): string => String(value).padStart(2, '0')

/** 2026-07-01, in the reader's own zone. */
export function dayKey(at: number | string | Date): string {
  const date = new Date(at)
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

export function weeksOf(year: number, month: number): Day[][] {
  const first = new Date(year, month, 1)
  const start = new Date(year, month, 1 - ((first.getDay() + 6) % 7))
  const weeks: Day[][] = []
  for (let week = 0; week < 6; week += 1) {
    const days = Array.from({ length: 7 }, (_, day) => new Date(start.getFullYear(), start.getMonth(), start.getDate() + week * 7 + day))
    if (week > 0 && days[0]?.getMonth() !== month) break
    weeks.push(days.map((date) => ({ key: dayKey(date), date: date.getDate(), inMonth: date.getMonth() === month })))
  }
  return weeks
}

/** Every day that something touches. */
export function daysOf(from: string, to: string): string[] {
  const days: string[] = []
  const last = new Date(to).getTime()
  for (let day = new Date(from); day.getTime() < last && days.length < 32; day = new Date(day.getFullYear(), day.getMonth(), day.getDate() + 1)) days.push(dayKey(day))
  return days
}
