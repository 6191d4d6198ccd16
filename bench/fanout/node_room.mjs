// socket.io on Node: `node node_room.mjs PORT TICK_MS [KEY]`. With a tick, comments are gathered and told together, and the tick
// grows with what telling costs, by half of it, for nobody else is answered meanwhile (decision 0304). With a KEY, a cookie
// `session=<id>.<HMAC-SHA-256 in hex>` is checked for everybody who comes, and each joins with the newest hundred comments in hand.
import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'

const { Server } = createRequire(new URL('../../static/package.json', import.meta.url))('socket.io')
const [port, tick, key] = [Number(process.argv[2]), Number(process.argv[3]), process.argv[4]]
const CHANNEL = 'bench:018f0000-0000-7000-8000-000000000001'
const TEXT = '师傅们辛苦了，这条生产线的改造什么时候能推广到我们厂？'

const http = createServer(async (request, answer) => {
  const pieces = []
  for await (const piece of request) pieces.push(piece)
  const plan = JSON.parse(Buffer.concat(pieces).toString())
  drive(plan.count, plan.rate)
  answer.end()
})
const io = new Server(http, { serveClient: false })

const members = new Map()
function recognised(cookie) {
  const found = /session=([^.;]+)\.([0-9a-f]{64})/.exec(cookie ?? '')
  if (!found) return undefined
  const right = createHmac('sha256', key).update(found[1]).digest()
  if (!timingSafeEqual(right, Buffer.from(found[2], 'hex'))) return undefined
  if (!members.has(found[1])) members.set(found[1], { id: found[1], name: '陈志远' })
  return members.get(found[1])
}

if (key) {
  io.use((socket, next) => {
    socket.data.member = recognised(socket.request.headers.cookie)
    next(socket.data.member ? undefined : new Error('sign_in_needed'))
  })
}

const latest = key ? Array.from({ length: 100 }, (_, number) => ({ ...entry(number), media_at: new Date().toISOString() })) : []
io.on('connection', (socket) => {
  socket.on('subscribe', ({ channel }, acknowledge) => {
    socket.join(channel)
    const snapshot = key ? { state: { state: 'live', interrupted: false }, comments: { latest } } : undefined
    acknowledge({ ok: true, epoch: 'bench', head: latest.length, recovered: false, snapshot, entries: [] })
  })
})

function entry(number) {
  const data = { t: Number(process.hrtime.bigint()), s: number, id: '018f0000-0000-7000-8000-000000000002', text: TEXT }
  const by = { id: '018f0000-0000-7000-8000-000000000003', name: '陈志远' }
  return { offset: number + 1, type: 'comment.posted', at: new Date().toISOString(), by, data }
}

let waiting = []
let flushing = false
function tell(entries) {
  io.to(CHANNEL).emit('entries', { channel: CHANNEL, epoch: 'bench', first: entries[0].offset, entries })
}
function flush() {
  const began = performance.now()
  const entries = waiting
  waiting = []
  tell(entries)
  const cost = performance.now() - began
  setTimeout(() => { flushing = false; if (waiting.length) later() }, Math.max(tick - cost, cost / 2, 1))
}
function later() {
  if (flushing) return
  flushing = true
  setImmediate(flush)
}
function say(number) {
  if (tick === 0) return void tell([entry(number)])
  waiting.push(entry(number))
  later()
}

function drive(count, rate) {
  const began = performance.now()
  let said = 0
  const step = () => {
    const due = Math.min(count, Math.floor(((performance.now() - began) / 1000) * rate) + 1)
    while (said < due) say(said++)
    if (said < count) setTimeout(step, Math.min(10, 1000 / rate))
  }
  step()
}

http.listen(port, '127.0.0.1')
