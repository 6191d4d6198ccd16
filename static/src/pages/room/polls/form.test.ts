import { expect, it } from 'vitest'
import type { PollRow } from '@/api'
import { blank, faultsOf, formOf, inputOf } from './form'

const good = () => ({ ...blank(), question: ' 几点？ ', options: ['上午', ' 下午', ''] })

it('sends what was written, without empty options', () => {
  expect(faultsOf(good())).toBeNull()
  expect(inputOf(good())).toEqual({ question: '几点？', options: ['上午', '下午'], most: 1, results: 'always', final: false, seconds: null })
  expect(inputOf({ ...good(), several: true, most: '2', minutes: '3', changeable: false })).toMatchObject({ most: 2, seconds: 180, final: true })
})

it('says at each field what is wrong', () => {
  expect(faultsOf(blank())).toEqual({ question: '请填写问题', options: ['至少填写 2 个选项', '至少填写 2 个选项'], most: '' })
  expect(faultsOf({ ...good(), options: ['上午', ' 上午'] })?.options).toEqual(['', '和上面的选项一样'])
  expect(faultsOf({ ...good(), several: true, most: '3' })?.most).toBe('请填 2 到 2 之间的数')
})

it('shows a draft as it was written', () => {
  const row = { question: '几点？', options: ['上午', '下午'], most: 2, results: 'voted', final: true, seconds: 60 } as PollRow
  expect(inputOf(formOf(row))).toEqual({ question: '几点？', options: ['上午', '下午'], most: 2, results: 'voted', final: true, seconds: 60 })
})
