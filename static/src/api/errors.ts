/** What can go wrong between the page and the server, in two kinds: an answer that refuses, and no answer at all. */

export interface Problem {
  code?: string
  detail?: string
  fields?: { field: string; message: string; type: string }[]
  [extra: string]: unknown
}

/** The server refused. `detail` is Chinese and may be shown as it is; `fields` maps a field's name to its own message. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly fields: Readonly<Record<string, string>> = {},
    readonly retryAfter: number | null = null,
    readonly extra: Readonly<Problem> = {},
  ) {
    super(`${status} ${code}`)
    this.name = 'ApiError'
  }
}

/** Nothing came back: the phone is offline, or the server is away. */
export class OfflineError extends Error {
  constructor() {
    super('offline')
    this.name = 'OfflineError'
  }
}

const FALLBACKS: Readonly<Record<number, string>> = {
  401: '请先登录',
  403: '您没有这项权限',
  404: '没有找到，可能已被删除，或您没有权限查看',
  409: '现在还不能这样做，请刷新后再试',
  413: '文件太大了，请换一个小一些的',
  429: '操作太频繁，请稍后再试',
  502: '服务器暂时连不上，请稍后再试',
  503: '服务器正忙，请稍后再试',
  504: '服务器暂时连不上，请稍后再试',
}

export function problemToError(status: number, problem: Problem, retryAfter: string | null): ApiError {
  const detail = problem.detail || FALLBACKS[status] || '服务器出了问题，请稍后再试'
  const seconds = retryAfter !== null && /^\d+$/.test(retryAfter) ? Number(retryAfter) : null
  return new ApiError(status, problem.code ?? `http_${status}`, detail, fieldsOf(problem), seconds, problem)
}

function fieldsOf(problem: Problem): Record<string, string> {
  const fields: Record<string, string> = {}
  for (const { field, type } of Array.isArray(problem.fields) ? problem.fields : []) {
    const name = field.split('.')[0] ?? field
    fields[name] ??= faultInWords(type)
  }
  return fields
}

/** The server names the rule that was broken; its own message is for programmers. */
function faultInWords(type: string): string {
  if (type === 'missing' || type === 'string_too_short') return '请填写'
  if (type === 'string_too_long' || type === 'too_long') return '太长了，请缩短一些'
  if (/greater_than|less_than/.test(type)) return '超出了允许的范围'
  if (/datetime|date|time/.test(type)) return '时间填写不正确'
  return '填写不正确，请检查'
}

/** One sentence for the person in front of the screen. */
export function inWords(error: unknown): string {
  if (error instanceof ApiError) return error.detail
  if (error instanceof OfflineError) return navigator.onLine ? '连不上服务器，请检查网络后再试' : '没有网络，请连上网络后再试'
  return '页面出了点问题，请刷新后再试'
}
