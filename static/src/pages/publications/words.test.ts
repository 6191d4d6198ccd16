import { describe, expect, it } from 'vitest'
import type { Published } from '@/api'
import { correctionWords, daysUntil, dueWords, grouped, isLate, isOpen, ordered, progress, quartersOver, rowWords, timeLeft, totalShown } from './words'

const row: Published = { member: 'm', name: '欧阳若兰', branch: 'b', added: { de: 10, neng: 0, qin: 35, ji: 0, lian: 0 }, deducted: -20, score: 625, band: '合格', vetoed: false, exempt: false }

describe('a publication', () => {
  it('says how long it is open, over the end of a month too', () => {
    const open = { state: 'open', closes_on: '2026-04-02' } as const
    expect(timeLeft(open, '2026-03-30')).toBe('还剩 3 天，4月2日截止')
    expect(timeLeft(open, '2026-04-01')).toBe('明天截止')
    expect(timeLeft(open, '2026-04-02')).toBe('今天截止')
    expect(timeLeft(open, '2026-04-03')).toBe('公示已于 4月2日结束')
    expect(isOpen(open, '2026-04-02')).toBe(true)
    expect(isOpen(open, '2026-04-03')).toBe(false)
    expect(daysUntil('2027-01-01', '2026-12-31')).toBe(1)
  })

  it('stands on top while it is open, and the newest of its kind first', () => {
    const given = [{ id: '1', state: 'closed' }, { id: '3', state: 'closed' }, { id: '4', state: 'preparing' }, { id: '2', state: 'open' }] as const
    expect(ordered(given).map(({ id }) => id)).toEqual(['2', '4', '3', '1'])
  })

  it('shows a fingerprint in groups', () => {
    expect(grouped('0123456789ab')).toBe('0123 4567 89ab')
  })

  it('is never called done before it is', () => {
    expect(progress({ prepared: 1999, total: 2000 })).toBe(99)
    expect(progress({ prepared: 0, total: 0 })).toBe(0)
  })

  it('can be made of the four quarters that are over', () => {
    expect(quartersOver('2026-02-11').map(({ year, quarter }) => [year, quarter])).toEqual([[2025, 4], [2025, 3], [2025, 2], [2025, 1]])
    expect(quartersOver('2026-10-01')[0]?.label).toBe('2026 年第三季度')
  })
})

describe('a row', () => {
  it('is read out whole', () => {
    expect(rowWords(row, 600)).toBe('基础分 60，德 1，能 0，勤 3.5，绩 0，廉 0，扣 2，总分 62.5')
  })

  it('gives no number to compare where nobody is compared', () => {
    expect(totalShown({ ...row, score: null, exempt: true })).toBe('不参评')
    expect(totalShown({ ...row, score: 0, vetoed: true })).toBe('一票否决')
  })
})

describe('an objection', () => {
  it('says by when it is answered, and that this has passed', () => {
    const open = { state: 'open', due_on: '2026-06-05' } as const
    expect(dueWords(open, '2026-06-01')).toBe('最迟 6月5日答复')
    expect(dueWords(open, '2026-06-05')).toBe('最迟今天答复')
    expect(dueWords(open, '2026-06-07')).toBe('已超过答复期限 2 天')
    expect(isLate(open, '2026-06-05')).toBe(false)
    expect(isLate(open, '2026-06-06')).toBe(true)
    expect(isLate({ ...open, state: 'upheld' }, '2026-06-06')).toBe(false)
  })

  it('says what was corrected', () => {
    expect(correctionWords({ corrections: ['a'], awards: ['b', 'c'] })).toBe('更正 1 条，补记 2 条')
    expect(correctionWords({ corrections: [], awards: [] })).toBe('')
  })
})
