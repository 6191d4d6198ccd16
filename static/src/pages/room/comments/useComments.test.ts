import { afterEach, expect, it, vi } from 'vitest'
import { nextTick } from 'vue'
import { ApiError, OfflineError, type Api, type Me, type OwnHeld } from '@/api'
import { useBroadcast } from '@/composables/useBroadcast'
import { withSetup } from '@/core/testing'
import { UnsentStore } from '@/core/unsent'
import type { Entry } from '@/protocol'
import { Script, settled } from '@/protocol/testing'
import { useRoom } from '../useRoom'

afterEach(() => {
  sessionStorage.clear()
  localStorage.clear()
})
const ME = { member: { id: 'me', name: '林晓' }, roles: [], csrf: '', public_broadcasts: false, organisation: null, brand: '' } as unknown as Me
const entry = (offset: number, text = String(offset), by = 'other'): Entry => ({
  offset,
  type: 'comment.posted',
  at: '',
  by: { id: by, name: by === 'me' ? '林晓' : '封书瑶' },
  data: { id: `c${offset}`, text },
})
const some = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, index) => entry(first + index))
const snapshot = (latest: Entry[], head = latest[latest.length - 1]?.offset ?? 0) => () => ({ ok: true, epoch: 'e', head, recovered: false, entries: [], snapshot: { comments: { latest } } })
const batch = (first: Entry, ...more: Entry[]) => ({ channel: 'broadcast:b', epoch: 'e', first: first.offset, entries: [first, ...more] })

/** A member in the room of `b`, with a server that has answered the subscription. */
async function inside(latest: Entry[], api: Partial<Api> = {}, connected = true, held: OwnHeld[] = []) {
  const wire = new Script()
  wire.own = { held: { latest: held } }
  const mounted = withSetup({ me: () => Promise.resolve(ME), broadcast: () => new Promise(() => undefined), ...api }, () => useRoom('b', useBroadcast('b'), () => null).comments, wire)
  await mounted.context.session.ready()
  await nextTick()
  wire.answers.push(snapshot(latest))
  if (connected) wire.rise()
  await settled()
  const { result: room } = mounted
  const shown = () => room.comments.value.map(({ text, state }) => (state === 'posted' ? text : `${text} (${state})`))
  const written = () => wire.calls.filter(([event]) => event === 'comment').map(([, payload]) => payload)
  return { ...mounted, room, wire, shown, written }
}

it('shows what is written at once and once, however the answer and the entry come', async () => {
  const { room, wire, shown } = await inside([entry(1)])
  wire.answers.push(() => ({ ok: true, id: 'c2', offset: 2, held: false }))
  room.send('你好')
  expect(shown()).toEqual(['1', '你好 (sending)'])
  await settled()
  expect(shown()).toEqual(['1', '你好'])
  wire.say('entries', batch(entry(2, '你好', 'me'), entry(3)))
  expect(shown()).toEqual(['1', '你好', '3'])
})

it('keeps what was written offline over a reload and sends it under the same client id', async () => {
  const first = await inside([], {}, false)
  first.room.send('我在车上')
  first.room.draft.value = '还没写完'
  await nextTick()
  const [kept] = new UnsentStore('me', 'b').unsent
  expect(first.written()).toEqual([])

  const second = await inside([entry(1)], {}, false)
  expect(second.room.draft.value).toBe('还没写完')
  second.wire.answers.push(() => ({ ok: true, id: 'c2', offset: 2, held: false }))
  second.wire.rise()
  await settled()
  expect(second.written()).toEqual([kept?.comment])
  expect(second.shown()).toEqual(['1', '我在车上'])
  expect(new UnsentStore('me', 'b').unsent).toEqual([])
})

it('keeps what was refused with the reason over a reload, until it is sent again or deleted', async () => {
  const { room, wire, shown } = await inside([])
  wire.answers.push(() => ({ ok: false, error: { code: 'comments_off', message: '主播关闭了评论' } }))
  room.send('一')
  await settled()
  expect(shown()).toEqual(['一 (failed)'])

  const reloaded = await inside([])
  expect(reloaded.room.comments.value[0]).toMatchObject({ text: '一', state: 'failed', reason: '主播关闭了评论' })
  const [failed] = reloaded.room.comments.value
  reloaded.room.again(failed!)
  expect(reloaded.written()).toEqual([expect.objectContaining({ client_id: failed!.key, text: '一' })])
  reloaded.room.discard(failed!.key)
  expect(reloaded.shown()).toEqual([])
  expect(new UnsentStore('me', 'b').unsent).toEqual([])
})

it('learns from a refusal when one may write again', async () => {
  const { room, wire } = await inside([])
  wire.answers.push(() => ({ ok: false, error: { code: 'slow_mode', message: '请 7 秒后再发', retry_after: 7 } }))
  const before = Date.now()
  room.send('一')
  await settled()
  expect(room.notBefore.value).toBeGreaterThanOrEqual(before + 7_000)
  expect(room.notBefore.value).toBeLessThan(before + 9_000)
})

it('gives nothing of one person to the next, and gives it back to the first', async () => {
  const { context, room, shown } = await inside([], {}, false)
  room.send('我的话')
  context.session.forget()
  context.live.handOver()
  await settled()
  expect(shown()).toEqual([])
  await context.session.reload()
  await nextTick()
  expect(shown()).toEqual(['我的话 (sending)'])
})

it('reads back to the beginning, and tries again when the network returns', async () => {
  const comments = vi.fn<Api['comments']>().mockRejectedValueOnce(new OfflineError()).mockResolvedValueOnce({ items: some(1, 20), next: null })
  const { room, shown, context } = await inside(some(21, 120), { comments })
  room.turn(true)
  await room.earlier.load()
  expect(room.earlier.state.value).toBe('failed')
  expect(room.earlier.message.value).toMatch(/网络|服务器/)
  context.reach.report(false)
  context.reach.report(true)
  await settled()
  expect(comments).toHaveBeenLastCalledWith('b', { before: 21, limit: 100 })
  expect(shown()).toEqual(some(1, 120).map(({ data }) => data['text']))
  expect(room.state.value.atStart).toBe(true)
})

it('asks for one page at a time and says in words what went wrong', async () => {
  const comments = vi.fn<Api['comments']>().mockRejectedValue(new ApiError(404, 'broadcast_not_found', '没有找到这场直播'))
  const { room } = await inside(some(21, 120), { comments })
  await Promise.all([room.earlier.load(), room.earlier.load()])
  expect(comments).toHaveBeenCalledTimes(1)
  expect(room.earlier.message.value).toBe('没有找到这场直播')
})

it('has no hole after a long sleep, neither for who reads back nor for who goes on', async () => {
  const comments = vi.fn<Api['comments']>((_, { after = 0 }) => Promise.resolve({ items: some(after + 1, Math.min(after + 100, 1003)), next: after + 100 > 1003 ? null : String(after + 100) }))
  const { room, wire, shown } = await inside(some(201, 300), { comments })
  room.turn(true)
  wire.drop()
  wire.answers.push(snapshot(some(901, 1000)))
  wire.rise()
  await settled()
  wire.say('entries', batch(entry(1001), entry(1002), entry(1003)))
  expect(shown()[99]).toBe('300')
  expect(room.state.value).toMatchObject({ detached: true, unread: 103 })
  while (room.state.value.detached) await room.later.load()
  expect(shown()).toEqual(some(Number(shown()[0]), 1003).map(({ data }) => data['text']))
  room.turn(false)
  expect(room.state.value.unread).toBe(0)
})

const removal = (offset: number, redacts: number): Entry => ({ offset, type: 'comment.removed', at: '', data: { id: `c${redacts}`, redacts, left: { id: `c${redacts}`, removed: 'host' } } })

it('shows that something was taken back, and nothing of what it said', async () => {
  const { room, wire } = await inside([entry(1, '不该说的话'), entry(2)])
  wire.say('entries', batch(removal(3, 1)))
  expect(room.comments.value[0]).toMatchObject({ text: '', name: '', removed: 'host' })
  expect(room.comments.value[1]).toMatchObject({ text: '2', removed: '' })
  // Said and taken back before it could be told: neither shown nor spoken.
  wire.say('entries', batch(entry(4, '又一句'), removal(5, 4)))
  expect(room.comments.value[2]).toMatchObject({ text: '', removed: 'host' })
  expect(room.spoken.value).toBe('')
})

it('lets no page that was on its way bring back what was taken back meanwhile', async () => {
  let arrive: (page: { items: Entry[]; next: null }) => void = () => undefined
  const comments = vi.fn<Api['comments']>(() => new Promise((resolve) => { arrive = resolve }))
  const { room, wire } = await inside(some(21, 120), { comments })
  room.turn(true)
  const read = room.earlier.load()
  wire.say('entries', batch(removal(121, 7)))
  arrive({ items: some(1, 20), next: null })
  await read
  expect(room.comments.value.find(({ offset }) => offset === 7)).toMatchObject({ text: '', removed: 'host' })
  expect(room.comments.value.find(({ offset }) => offset === 8)).toMatchObject({ text: '8', removed: '' })
})

it('looks again at what it kept over a long sleep: something may have been taken back', async () => {
  const now = (offset: number): Entry => (offset === 250 ? { offset, type: 'comment.posted', at: '', data: { id: 'c250', removed: 'moderator' } } : entry(offset))
  const comments = vi.fn<Api['comments']>((_, { after = 0 }) =>
    Promise.resolve({ items: Array.from({ length: 100 }, (_each, index) => now(after + 1 + index)), next: String(after + 100) }),
  )
  const { room, wire } = await inside(some(201, 300), { comments })
  room.turn(true)
  wire.drop()
  wire.answers.push(snapshot(some(901, 1000)))
  wire.rise()
  await settled()
  expect(room.comments.value.find(({ offset }) => offset === 250)).toMatchObject({ text: '', removed: 'moderator' })
  expect(room.comments.value.find(({ offset }) => offset === 251)).toMatchObject({ text: '251' })
})

it('says nothing any more of what was taken back', async () => {
  const { room, wire } = await inside([])
  wire.say('entries', batch(entry(1, '不该说的话')))
  expect(room.spoken.value).toBe('封书瑶：不该说的话')
  wire.say('entries', batch(removal(2, 1)))
  expect(room.spoken.value).toBe('')
})

it('shows a snapshot’s blank as what it is', async () => {
  const blank: Entry = { offset: 1, type: 'comment.posted', at: '', data: { id: 'c1', removed: 'author' } }
  const { room } = await inside([blank])
  expect(room.comments.value[0]).toMatchObject({ text: '', name: '', removed: 'author' })
})

it('answers a comment by its id, says whom, and forgets whom when that one is taken back', async () => {
  const { room, wire, written } = await inside([entry(1), entry(2)])
  room.answered.value = room.comments.value[0]!
  wire.answers.push(() => ({ ok: true, id: 'c3', offset: 3, held: false }))
  room.send('是的')
  expect(written()).toEqual([expect.objectContaining({ text: '是的', reply_to: 'c1' })])
  expect(room.comments.value[2]).toMatchObject({ text: '是的', answers: '封书瑶' })
  expect(room.answered.value).toBeNull()
  room.answered.value = room.comments.value[1]!
  wire.say('entries', batch({ ...entry(3, '是的', 'me'), data: { id: 'c3', text: '是的', reply_to: 'c1', reply_name: '封书瑶' } }, removal(4, 2)))
  expect(room.answered.value).toBeNull()
  expect(room.comments.value[2]).toMatchObject({ text: '是的', answers: '封书瑶' })
})

it('asks for a comment to be taken back, and says why it was not', async () => {
  const { room, wire } = await inside([entry(1)])
  wire.answers.push(() => ({ ok: false, error: { code: 'not_yours', message: '只能撤回自己的评论' } }))
  await expect(room.remove(room.comments.value[0]!)).rejects.toThrow('只能撤回自己的评论')
  const [event, payload] = wire.calls[wire.calls.length - 1]!
  expect([event, payload]).toEqual(['comment.remove', { comment: 'c1', client_id: expect.any(String) as string, reason: '' }])
})

it('says what came in one sentence, and leaves out one’s own', async () => {
  const { room, wire } = await inside([])
  wire.say('entries', batch(entry(1, '大家好')))
  expect(room.spoken.value).toBe('封书瑶：大家好')
  wire.say('entries', batch(entry(2, '好', 'me')))
  expect(room.spoken.value).toBe('封书瑶：大家好')
})

it('says why there is nothing to see', async () => {
  const { room, wire } = await inside([])
  wire.answers.push(() => ({ ok: false, error: { code: 'sign_in_needed', message: '请先登录' } }))
  wire.say('resync', { channel: 'broadcast:b' })
  await settled()
  expect(room.refused.value).toBe('请先登录')
})

const waiting = (id: string, more: Partial<OwnHeld> = {}): OwnHeld => ({ id, scope: 'b', kind: 'comment', text: `话${id}`, at: '', reply_to: null, reply_name: null, state: 'held', reason: '', ...more })
const own = (type: 'held.added' | 'held.decided', offset: number, held: OwnHeld) => ({ channel: 'member:me', epoch: 'm', first: offset, entries: [{ offset, type, at: '', data: { ...held } }] })

it('keeps what is held in its writer’s list, once, and shows it as any other when it is approved', async () => {
  const { room, wire, shown } = await inside([entry(1)])
  wire.answers.push(() => ({ ok: true, id: 'h2', held: true }))
  room.send('话h2')
  wire.say('entries', own('held.added', 11, waiting('h2'))) // told before the answer is there
  expect(shown()).toEqual(['1', '话h2 (sending)'])
  await settled()
  expect(shown()).toEqual(['1', '话h2 (held)'])
  expect(new UnsentStore('me', 'b').unsent).toEqual([])
  wire.say('entries', own('held.decided', 12, waiting('h2', { state: 'approved' })))
  expect(shown()).toEqual(['1', '话h2'])
  wire.say('entries', batch({ ...entry(2, '话h2', 'me'), data: { id: 'h2', text: '话h2' } }))
  expect(shown()).toEqual(['1', '话h2'])
})

it('shows a held comment once where the room is told of it before its writer is', async () => {
  const { wire, shown } = await inside([entry(1)], {}, true, [waiting('h2')])
  expect(shown()).toEqual(['1', '话h2 (held)'])
  wire.say('entries', batch({ ...entry(2, '话h2', 'me'), data: { id: 'h2', text: '话h2' } }))
  expect(shown()).toEqual(['1', '话h2'])
  wire.say('entries', own('held.decided', 11, waiting('h2', { state: 'approved' })))
  expect(shown()).toEqual(['1', '话h2'])
})

it('shows once what an old snapshot still holds and the room tells of already', async () => {
  const { wire, shown } = await inside([{ ...entry(2, '话h2', 'me'), data: { id: 'h2', text: '话h2' } }], {}, true, [waiting('h2')])
  expect(shown()).toEqual(['话h2'])
  wire.say('entries', own('held.decided', 11, waiting('h2', { state: 'approved' })))
  expect(shown()).toEqual(['话h2'])
})

it('says why a comment was turned down, over a reload too, until its writer has it away', async () => {
  const { room, wire } = await inside([], {}, true, [waiting('h2'), waiting('h3', { scope: 'another' }), waiting('h4', { state: 'approved' })])
  wire.say('entries', own('held.decided', 11, waiting('h2', { state: 'rejected', reason: '广告或刷屏' })))
  expect(room.turnedDown.value?.reason).toBe('广告或刷屏')
  const rejected = waiting('h2', { state: 'rejected', reason: '广告或刷屏' })
  const reloaded = await inside([], {}, true, [rejected])
  expect(reloaded.room.comments.value).toEqual([expect.objectContaining({ text: '话h2', state: 'rejected', reason: '广告或刷屏' })])
  expect(reloaded.room.turnedDown.value).toBeNull()
  reloaded.room.discard(reloaded.room.comments.value[0]!.key)
  expect(reloaded.shown()).toEqual([])
  const again = await inside([], {}, true, [waiting('h2')])
  again.wire.say('entries', own('held.decided', 11, rejected)) // the snapshot was older than the decision
  expect(again.shown()).toEqual([])
  expect(again.room.turnedDown.value).toBeNull()
})

it('takes back what is still held, and does not offer again what the server has once turned down', async () => {
  const { room, wire, shown, written } = await inside([], {}, true, [waiting('h2')])
  wire.answers.push(() => ({ ok: true }))
  await room.remove(room.comments.value[0]!)
  expect(wire.calls[wire.calls.length - 1]).toEqual(['comment.remove', expect.objectContaining({ comment: 'h2' })])
  wire.say('entries', own('held.decided', 11, waiting('h2', { state: 'withdrawn' })))
  expect(shown()).toEqual([])
  wire.answers.push(() => ({ ok: false, error: { code: 'comment_rejected', message: '这条评论没有通过审核' } }))
  room.send('又一句')
  await settled()
  expect(written()).toHaveLength(1)
  expect(shown()).toEqual([])
  expect(new UnsentStore('me', 'b').unsent).toEqual([])
})
