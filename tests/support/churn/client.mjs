// Many clients of the documented protocol, with the official socket.io-client: listen from the first entry on, say things, come
// back after every cut. One line of JSON for each thing worth knowing; the whole account of every client at the end.
import { createHash, randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'

const { io } = createRequire(new URL('../../../static/package.json', import.meta.url))('socket.io-client')
const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const TRANSPORTS = [['websocket'], ['polling'], ['polling', 'websocket']]
// Any process will do, at every connection anew. One connection stays with one, as a proxy sees to it in real life.
const anyone = () => plan.urls[Math.floor(Math.random() * plan.urls.length)]
const tell = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
const pause = (ms) => new Promise((done) => setTimeout(done, ms))

// Chance, or deflate would make so little of it that no buffer ever fills.
const hanzi = () => String.fromCharCode(0x4e00 + Math.floor(Math.random() * 0x5000))
const any = (some) => some[Math.floor(Math.random() * some.length)]
const LATER = ['too_fast', 'storage_away', 'stopping', 'busy']
// Of what two people do at once, or one does without knowing the newest.
const EXPECTED = ['too_many_open', 'question_not_found', 'poll_closed', 'poll_open', 'poll_not_open', 'poll_not_found']
const filler = () => Array.from({ length: plan.filler }, hanzi).join('')

class Client {
  constructor(number) {
    this.number = number
    this.person = plan.people[number % plan.people.length]
    this.epoch = undefined
    this.last = 0
    this.comments = [] // [offset, id, text] in the order they were heard
    this.acked = []
    this.done = [] // [event, payload, answer] of everything else that was acknowledged
    this.questions = new Map() // id to whose it is
    this.poll = null // the one that is open
    this.faults = []
    this.early = [] // entries that come while a subscription is under way
    this.subscribing = false
    this.again = false
    this.resyncs = this.snapshots = this.recoveries = this.connects = this.outrun = this.repeats = 0
    this.socket = io(anyone(), {
      transports: TRANSPORTS[number % TRANSPORTS.length],
      extraHeaders: { Cookie: this.person.cookie },
      auth: { csrf: this.person.csrf },
      reconnectionDelay: 50,
      reconnectionDelayMax: 400,
      timeout: 5000,
      forceNew: true,
    })
    this.socket.on('connect', () => { this.connects += 1; this.subscribe() })
    this.socket.on('entries', (news) => this.hear(news))
    this.socket.on('resync', () => { this.resyncs += 1; this.subscribe() })
    this.socket.on('connect_error', (error) => { if (error.data) this.faults.push(`refused: ${error.data.code}`) })
    this.socket.io.on('reconnect_attempt', () => { this.socket.io.uri = anyone() })
    // A server that sends somebody away says so, and the library does not come back by itself.
    this.socket.on('disconnect', (reason) => { if (reason === 'io server disconnect') this.socket.connect() })
  }

  async subscribe() {
    this.again = true
    if (this.subscribing) return
    this.subscribing = true
    try {
      while (this.again && this.socket.connected) {
        this.again = false
        await this.catchUp().catch(() => { this.again = true })
        if (this.again) await pause(30)
      }
    } finally {
      this.subscribing = false
      const early = this.early.splice(0)
      if (this.socket.connected) for (const news of early) this.hear(news)
    }
  }

  async catchUp() {
    const start = await this.socket.timeout(5000)
      .emitWithAck('subscribe', { channel: plan.channel, epoch: this.epoch, after: this.last })
    if (!start.ok) throw new Error(start.error.code)
    if (this.epoch && start.epoch !== this.epoch) this.faults.push(`epoch ${this.epoch} became ${start.epoch}`)
    if (start.epoch) this.epoch = start.epoch
    if (start.recovered) {
      this.recoveries += 1
      for (const entry of start.entries) this.take(entry)
      if (this.last !== start.head) this.faults.push(`recovered to ${this.last} and not to ${start.head}`)
      return
    }
    this.snapshots += 1
    if (this.last && start.head > this.last + plan.ring) this.outrun += 1
    await this.page(start.head)
    for (const { id, by } of start.snapshot.questions.all) this.questions.set(id, by.id)
    this.poll = start.snapshot.polls.items.find(({ state }) => state === 'open') ?? null
    for (const entry of start.entries) this.take(entry)
  }

  /**
   * What fell out of the ring is read over HTTP; that lists comments alone, so other offsets are missing there. What was known before
   * is read once more, for it may have been taken back meanwhile.
   */
  async page(head) {
    const found = []
    let after = 0
    for (;;) {
      const answer = await fetch(`${anyone()}/api/v1/broadcasts/${plan.broadcast}/comments?after=${after}&limit=200`, {
        headers: { Cookie: this.person.cookie },
        signal: AbortSignal.timeout(5000),
      })
      if (!answer.ok) throw new Error(`page ${answer.status}`)
      const { items, next } = await answer.json()
      found.push(...items.filter((entry) => entry.offset <= head))
      if (next === null || Number(next) >= head) break
      after = Number(next)
    }
    this.comments = []
    for (const entry of found) this.keep(entry)
    this.last = head
  }

  hear({ channel, epoch, first, entries }) {
    if (channel !== plan.channel) this.faults.push(`news of ${channel}`)
    if (this.subscribing) return void this.early.push({ channel, epoch, first, entries })
    if (!this.epoch) this.epoch = epoch
    if (epoch !== this.epoch) this.faults.push(`news of epoch ${epoch}`)
    if (first > this.last + 1) return void this.subscribe()
    for (const entry of entries) this.take(entry)
  }

  take(entry) {
    if (entry.offset <= this.last) return
    if (entry.offset !== this.last + 1) return void this.faults.push(`a gap: ${this.last} to ${entry.offset}`)
    this.last = entry.offset
    const { type, data } = entry
    if (type === 'comment.posted') this.keep(entry)
    else if (type === 'comment.removed') this.redact(data)
    else if (type === 'question.asked' && entry.by) this.questions.set(data.id, entry.by.id)
    else if (type === 'question.removed') this.questions.delete(data.id)
    else if (type === 'poll.opened') this.poll = data
    else if (type === 'poll.closed') this.poll = null
  }

  keep(entry) {
    this.comments.push([entry.offset, entry.data.id, entry.data.text ?? ''])
  }

  redact({ redacts }) {
    const comment = this.comments.find(([offset]) => offset === redacts)
    if (comment) comment[2] = ''
  }

  /** Sends it until there is an answer, a refusal included, with one client_id. */
  async act(event, payload) {
    for (;;) {
      const answer = await this.socket.timeout(2000).emitWithAck(event, payload).catch(() => null)
      if (answer && (answer.ok || !LATER.includes(answer.error.code))) {
        if (answer.ok && event !== 'comment') this.done.push([event, payload, answer])
        if (!answer.ok && !EXPECTED.includes(answer.error.code)) this.faults.push(`${event} refused: ${answer.error.code}`)
        return answer
      }
      this.repeats += 1
      await pause(20 + Math.random() * 80)
    }
  }

  /** Says things as long as there is something to say, and does other things in between. */
  async write() {
    while (unsaid > 0) {
      unsaid -= 1
      const client_id = randomUUID()
      const answer = await this.act('comment', { broadcast: plan.broadcast, client_id, text: `${client_id} ${filler()}` })
      if (!answer.ok) return
      this.acked.push([answer.offset, answer.id, client_id])
      tell({ acked: 1 })
      if (Math.random() < plan.others) await this.somethingElse()
      await pause(Math.random() * plan.pause)
    }
  }

  async somethingElse() {
    const client_id = randomUUID()
    const broadcast = plan.broadcast
    const others = [...this.questions].filter(([, by]) => by !== this.person.id).map(([id]) => id)
    const vote = async () => {
      const answer = await this.act('poll.vote', { poll: this.poll.id, options: [Math.floor(Math.random() * 3)], client_id })
      voted ||= answer.ok
    }
    const open = () => this.act('poll.open', { broadcast, question: '哪一天？', options: ['一', '二', '三'], client_id })
    // Not left to chance: a poll that nobody finds open shows nothing.
    if (!voted && this.poll) return void await vote()
    if (!voted && this.person.keeps) return void await open()
    const doings = [
      () => this.act('react', { broadcast, kind: any(['like', 'applause']), count: 1 + Math.floor(Math.random() * 9), client_id }),
      () => this.act('question', { broadcast, text: `${client_id}？`, client_id }),
      () => others.length && this.act('question.vote', { question: any(others), up: true, client_id }),
      () => this.poll && vote(),
      () => this.act('comment.remove', { comment: any(this.acked)[1], client_id }),
    ]
    const keeping = [
      () => this.questions.size && this.act('question.mark', { question: any([...this.questions.keys()]), state: any(['asked', 'answering', 'answered']) }),
      () => this.act('notice.pin', { broadcast, text: client_id, client_id }),
      () => (this.poll ? this.act('poll.close', { poll: this.poll.id, client_id }) : open()),
    ]
    await any(this.person.keeps ? [...doings, ...keeping, ...keeping] : doings)()
  }

  account() {
    const hash = createHash('sha256')
    for (const [offset, id, text] of this.comments) hash.update(`${offset} ${id} ${text}\n`)
    const { number, last, acked, done, faults, resyncs, snapshots, recoveries, connects, outrun, repeats } = this
    const { transport, upgrading } = this.socket.io.engine
    const state = `${this.socket.connected ? 'connected' : 'away'}, ${transport.name}${upgrading ? ', upgrading' : ''}${this.subscribing ? ', subscribing' : ''}`
    const first = this.comments.slice(0, plan.shown ?? 0)
    return { client: number, state, last, heard: this.comments.length, hash: hash.digest('hex'), person: this.person.id, acked, done, faults, resyncs, snapshots, recoveries, connects, outrun, repeats, first }
  }
}

let unsaid = plan.comments // shared, so that nobody who was cut off for long has a lot left in the end
let voted = false // somebody has, in any of the polls
const clients = Array.from({ length: plan.clients }, (_, number) => new Client(number))
await Promise.all(clients.map(async (client) => { while (!client.epoch && !client.snapshots) await pause(20) }))
tell({ ready: clients.length })
await Promise.all(clients.slice(0, plan.writers).map((client) => client.write()))
const head = Math.max(...clients.flatMap((client) => client.acked.map(([offset]) => offset)))
tell({ written: head })
const until = Date.now() + plan.patience
while (clients.some((client) => client.last < head) && Date.now() < until) await pause(50)
for (const client of clients) tell(client.account())
for (const client of clients) client.socket.disconnect()
await new Promise((done) => process.stdout.write('', done))
process.exit(0)
