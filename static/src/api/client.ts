/** One thin client over fetch: JSON in and out, problem+json as ApiError, silence as OfflineError. Knows no page and no Vue. */
import { OfflineError, problemToError, type Problem } from './errors'

export interface ClientHooks {
  /** A 401 came on something that needs a session: the session has ended meanwhile. */
  onSignedOut?: () => void
  /** Whether the last request reached the server. */
  onReach?: (reached: boolean) => void
  /** `server_time` of an answer, with the local clock before and after the request, all in ms. */
  onServerTime?: (server: number, sent: number, received: number) => void
}

export interface RequestOptions {
  query?: Record<string, string | number | boolean | null | undefined>
  json?: unknown
  body?: Blob
  type?: string
  signal?: AbortSignal
  /** A 401 here is an answer to show (sign-in), not the end of a session. */
  quiet401?: boolean
  timeout?: number
  /** Goes out also where the page is being left; the body is small then (64 KiB). */
  keepalive?: boolean
  /** `Idempotency-Key`: sent again with the same one it is done once. */
  key?: string
  /** The answer is bytes. */
  raw?: boolean
}

const TIMEOUT = 20_000

export class Client {
  constructor(
    private readonly hooks: ClientHooks = {},
    private readonly fetcher: typeof fetch = (input, init) => fetch(input, init),
    private readonly now: () => number = () => Date.now(),
  ) {}

  get<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
    return this.request<Answer>('GET', path, options)
  }

  post<Answer = undefined>(path: string, json?: unknown, options: RequestOptions = {}): Promise<Answer> {
    return this.request<Answer>('POST', path, { ...options, json })
  }

  put<Answer = undefined>(path: string, options: RequestOptions): Promise<Answer> {
    return this.request<Answer>('PUT', path, options)
  }

  patch<Answer>(path: string, json: unknown): Promise<Answer> {
    return this.request<Answer>('PATCH', path, { json })
  }

  /** What is no JSON. */
  bytes(path: string, options: RequestOptions = {}): Promise<ArrayBuffer> {
    return this.request<ArrayBuffer>('GET', path, { ...options, raw: true })
  }

  delete<Answer = undefined>(path: string): Promise<Answer> {
    return this.request<Answer>('DELETE', path, {})
  }

  /** The time-out covers the whole answer: a body that never ends would otherwise stop whoever asks again and again. */
  async request<Answer>(method: string, path: string, options: RequestOptions): Promise<Answer> {
    const abort = new AbortController()
    const giveUp = () => {
      abort.abort()
    }
    const timer = setTimeout(giveUp, options.timeout ?? TIMEOUT)
    options.signal?.addEventListener('abort', giveUp)
    try {
      const sent = this.now()
      const response = await this.reached(options, this.fetcher(path + queryString(options.query), init(method, options, abort.signal)))
      this.hooks.onReach?.(!isGateway(response))
      if (response.ok) return (await this.answer(response, sent, options)) as Answer
      const problem = (await response.json().catch(() => ({}))) as Problem
      if (response.status === 401 && options.quiet401 !== true) this.hooks.onSignedOut?.()
      throw problemToError(response.status, problem, response.headers.get('Retry-After'))
    } finally {
      clearTimeout(timer)
      options.signal?.removeEventListener('abort', giveUp)
    }
  }

  private async reached<Value>(options: RequestOptions, waited: Promise<Value>): Promise<Value> {
    try {
      return await waited
    } catch (error) {
      if (options.signal?.aborted) throw error
      this.hooks.onReach?.(false)
      throw new OfflineError()
    }
  }

  private async answer(response: Response, sent: number, options: RequestOptions): Promise<unknown> {
    if (response.status === 204) return undefined
    if (options.raw === true) return this.reached(options, response.arrayBuffer())
    const received = this.now()
    const data: unknown = await this.reached(options, response.json())
    const time = (data as { server_time?: unknown } | null)?.server_time
    if (typeof time === 'string') this.hooks.onServerTime?.(Date.parse(time), sent, received)
    return data
  }
}

/** A proxy in front answers for a server that is away; our own refusals are problem documents. */
function isGateway(response: Response): boolean {
  return [502, 503, 504].includes(response.status) && !(response.headers.get('Content-Type') ?? '').includes('json')
}

function init(method: string, options: RequestOptions, signal: AbortSignal): RequestInit {
  const headers: Record<string, string> = { Accept: 'application/json' }
  if (options.json !== undefined) headers['Content-Type'] = 'application/json'
  else if (options.body !== undefined) headers['Content-Type'] = options.type ?? options.body.type
  if (options.key !== undefined) headers['Idempotency-Key'] = options.key
  const body = options.json !== undefined ? JSON.stringify(options.json) : options.body
  return { method, headers, signal, credentials: 'same-origin', keepalive: options.keepalive === true, ...(body === undefined ? {} : { body }) }
}

export function queryString(query: RequestOptions['query']): string {
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined && value !== null && value !== '') parameters.set(name, String(value))
  }
  const text = parameters.toString()
  return text === '' ? '' : `?${text}`
}
