import { expect, it } from 'vitest'
import { ago, bitrate, count, countdownInWords, dateAndTime, dayAndTime, dayInWords, lengthInWords, size, timer } from './format'

const now = new Date(2026, 6, 1, 20, 0).getTime()
const at = (month: number, day: number, hour = 19, minute = 30, year = 2026) =>
  new Date(year, month - 1, day, hour, minute).getTime()

it('names near days by word and far ones by date', () => {
  expect(dayAndTime(at(7, 1), now)).toBe('今天 19:30')
  expect(dayAndTime(at(7, 2, 8, 5), now)).toBe('明天 08:05')
  expect(dayAndTime(at(6, 30), now)).toBe('昨天 19:30')
  expect(dayAndTime(at(7, 8), now)).toBe('7月8日 周三 19:30')
  expect(dayInWords(at(7, 1, 9, 0, 2025), now)).toBe('2025年7月1日')
})

it('writes a date that stays true when it is read tomorrow', () => {
  expect(dateAndTime(at(7, 1), now)).toBe('7月1日 周三 19:30')
  expect(dateAndTime(at(7, 1, 9, 0, 2025), now)).toBe('2025年7月1日 周二 09:00')
})

it('counts down in the two largest units', () => {
  expect(countdownInWords(3 * 86_400_000 + 7_200_000)).toBe('3 天 2 小时')
  expect(countdownInWords(8_100_000)).toBe('2 小时 15 分')
  expect(countdownInWords(2 * 86_400_000 + 60_000)).toBe('2 天')
  expect(countdownInWords(7_200_000)).toBe('2 小时')
  expect(countdownInWords(244_100)).toBe('4 分 05 秒')
  expect(countdownInWords(9_200)).toBe('10 秒')
  expect(countdownInWords(-5)).toBe('0 秒')
})

it('says how long ago', () => {
  expect(ago(now - 5_000, now)).toBe('刚刚')
  expect(ago(now - 180_000, now)).toBe('3 分钟前')
  expect(ago(now - 7_300_000, now)).toBe('2 小时前')
  expect(ago(at(6, 30, 9, 0), now)).toBe('昨天 09:00')
})

it('writes lengths, counts and sizes', () => {
  expect(timer(3723)).toBe('1:02:03')
  expect(timer(123.9)).toBe('2:03')
  expect(timer(Number.NaN)).toBe('0:00')
  expect(lengthInWords(4320)).toBe('1 小时 12 分')
  expect(lengthInWords(7200)).toBe('2 小时')
  expect(lengthInWords(38)).toBe('38 秒')
  expect(count(9_999)).toBe('9999')
  expect(count(20_000)).toBe('2万')
  expect(size(1_600_000_000)).toBe('1.5 GB')
  expect(size(5_400_000)).toBe('5.1 MB')
  expect(bitrate(2_480_000)).toBe('2.5 Mbit/s')
})
