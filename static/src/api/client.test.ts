import { expect, it, vi } from 'vitest'
import { Client, queryString } from './client'
import { ApiError, inWords, OfflineError } from './errors'

const json = (body: unknown, status = 200, headers = {}) => new Response(JSON.stringify(body), { status, headers })

function client(answer: Response | Error, hooks = {}) {
  const fetcher = vi.fn((_url: RequestInfo | URL, _init?: RequestInit) =>
    answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer),
  )
  return { fetcher, client: new Client(hooks, fetcher, () => 1_000) }
}

it('gives the parsed answer and learns the time of the server', async () => {
  const onServerTime = vi.fn()
  const { client: one } = client(json({ id: '1', server_time: '1970-01-01T00:00:05.000Z' }), { onServerTime })
  expect(await one.get('/api/v1/broadcasts/1')).toMatchObject({ id: '1' })
  expect(onServerTime).toHaveBeenCalledWith(5_000, 1_000, 1_000)
})

it('turns problem details into an error with code, words and fields', async () => {
  const problem = { code: 'body_invalid', detail: '有内容填写不正确', fields: [{ field: 'title', message: 'x', type: 'string_too_long' }] }
  const { client: one } = client(json(problem, 400))
  const error = await one.post('/x', {}).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(ApiError)
  expect(error).toMatchObject({ status: 400, code: 'body_invalid', fields: { title: '太长了，请缩短一些' } })
  expect(inWords(error)).toBe('有内容填写不正确')
})

it('says how long to wait', async () => {
  const { client: one } = client(json({ code: 'too_many_attempts' }, 429, { 'Retry-After': '60' }))
  await expect(one.post('/x')).rejects.toMatchObject({ retryAfter: 60, detail: '操作太频繁，请稍后再试' })
})

it('finds words for an answer that is no problem document', async () => {
  const { client: one } = client(new Response('<h1>Oops</h1>', { status: 500 }))
  await expect(one.get('/x')).rejects.toMatchObject({ code: 'http_500', detail: '服务器出了问题，请稍后再试' })
})

it('tells that the session has ended, except where a 401 is an answer', async () => {
  const onSignedOut = vi.fn()
  await client(json({}, 401), { onSignedOut }).client.get('/x').catch(() => undefined)
  expect(onSignedOut).toHaveBeenCalledOnce()
  await client(json({}, 401), { onSignedOut }).client.get('/x', { quiet401: true }).catch(() => undefined)
  expect(onSignedOut).toHaveBeenCalledOnce()
})

it('tells offline from refused', async () => {
  const onReach = vi.fn()
  const { client: one } = client(new TypeError('Failed to fetch'), { onReach })
  await expect(one.get('/x')).rejects.toBeInstanceOf(OfflineError)
  expect(onReach).toHaveBeenCalledWith(false)
  await client(json({}, 404), { onReach }).client.get('/x').catch(() => undefined)
  expect(onReach).toHaveBeenLastCalledWith(true)
})

it('takes an answer that begins and never ends for none', async () => {
  vi.useFakeTimers()
  const onReach = vi.fn()
  const fetcher = vi.fn((_url: RequestInfo | URL, init?: RequestInit) => {
    const body = new ReadableStream({
      start(controller) {
        controller.enqueue(new TextEncoder().encode('{"id":'))
        init?.signal?.addEventListener('abort', () => {
          controller.error(new DOMException('aborted', 'AbortError'))
        })
      },
    })
    return Promise.resolve(new Response(body))
  })
  const waited = new Client({ onReach }, fetcher).get('/x').catch((reason: unknown) => reason)
  await vi.advanceTimersByTimeAsync(20_000)
  expect(await waited).toBeInstanceOf(OfflineError)
  expect(onReach).toHaveBeenLastCalledWith(false)
  vi.useRealTimers()
})

it('takes a proxy that answers for an absent server for no server', async () => {
  const onReach = vi.fn()
  const gateway = new Response('<h1>Bad gateway</h1>', { status: 502, headers: { 'Content-Type': 'text/html' } })
  await expect(client(gateway, { onReach }).client.get('/x')).rejects.toMatchObject({ code: 'http_502', detail: '服务器暂时连不上，请稍后再试' })
  expect(onReach).toHaveBeenLastCalledWith(false)
  const busy = json({ code: 'busy' }, 503, { 'Content-Type': 'application/problem+json' })
  await client(busy, { onReach }).client.get('/x').catch(() => undefined)
  expect(onReach).toHaveBeenLastCalledWith(true)
})

it('sends JSON with its type, and files with theirs', async () => {
  const { client: one, fetcher } = client(json({}))
  await one.post('/x', { a: 1 })
  expect(fetcher.mock.calls[0]![1]).toMatchObject({ method: 'POST', body: '{"a":1}', headers: { 'Content-Type': 'application/json' } })
  await client(json({})).client.post('/x')
})

it('leaves empty filters out of the address', () => {
  expect(queryString({ q: '', branch: undefined, state: 'active', limit: 20 })).toBe('?state=active&limit=20')
  expect(queryString({})).toBe('')
})
