/** What a form can say before the server is asked. The server decides all the same. */

export function mobileFault(mobile: string): string {
  if (mobile === '') return '请输入手机号'
  return /^1\d{10}$/.test(mobile) ? '' : '手机号是 11 位数字，请检查'
}

export function codeFault(code: string): string {
  return code.trim() === '' ? '请输入激活码' : ''
}

export const MIN_PASSWORD = 10

export interface Strength {
  level: 0 | 1 | 2 | 3
  words: string
}

const COMMON = /^(?:password|qwerty|abc123|iloveyou|admin|lib?ai|(\d)\1+|0?123456\d*|8{3,}\d*)/i

/** Length counts more than odd characters; what everybody guesses first counts for nothing. */
export function passwordStrength(password: string, mobile = ''): Strength {
  if (password === '') return { level: 0, words: `至少 ${MIN_PASSWORD} 位，越长越安全` }
  if (password.length < MIN_PASSWORD) return { level: 0, words: `还差 ${MIN_PASSWORD - password.length} 位` }
  if (COMMON.test(password) || (mobile !== '' && password.includes(mobile.slice(-8)))) {
    return { level: 1, words: '太容易被猜到，请换一个' }
  }
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((kind) => kind.test(password)).length
  const score = password.length + (kinds - 1) * 2
  if (new Set(password).size < 5 || score < 10) return { level: 1, words: '较弱，再加长一些更安全' }
  if (score < 15) return { level: 2, words: '可以使用' }
  return { level: 3, words: '很安全' }
}

export function newPasswordFault(password: string, mobile = ''): string {
  if (password === '') return '请设置密码'
  if (password.length < MIN_PASSWORD) return `密码至少 ${MIN_PASSWORD} 位`
  return passwordStrength(password, mobile).words.startsWith('太容易') ? '这个密码太容易被猜到，请换一个' : ''
}
