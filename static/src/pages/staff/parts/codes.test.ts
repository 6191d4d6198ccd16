import { expect, it } from 'vitest'
import { csvOf, inviteText, tableText } from './codes'

const one = { name: '闻小满', mobile: '10000000006', code: 'ABCD-EFGH' }

it('makes a file that Excel reads as it is meant', () => {
  const text = csvOf([one, { ...one, name: '=HYPERLINK("x")' }, { ...one, name: '甲,乙' }])
  expect(text.startsWith('\uFEFF姓名,手机号,激活码\r\n')).toBe(true)
  expect(text).toContain('\r\n闻小满,10000000006,ABCD-EFGH\r\n')
  expect(text).toContain(`"'=HYPERLINK(""x"")",`)
  expect(text).toContain('"甲,乙",')
})

it('falls into columns when pasted', () => {
  expect(tableText([one, one]).split('\n')[1]?.split('\t')).toEqual(['闻小满', '10000000006', 'ABCD-EFGH'])
})

it('tells somebody everything that is needed', () => {
  const text = inviteText('立白党建', one, '12月1日')
  for (const part of ['闻小满', '/activate', '10000000006', 'ABCD-EFGH', '12月1日前有效']) expect(text).toContain(part)
  expect(inviteText('立白党建', one, '')).not.toContain('有效')
})
