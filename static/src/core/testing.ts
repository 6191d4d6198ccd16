/** For tests: a place to run composables in, with a context made of what the test gives. */
import { createApp, defineComponent, h } from 'vue'
import type { Api } from '@/api'
import { Connection } from '@/protocol/connection'
import type { Wire } from '@/protocol/wire'
import { CONTEXT, type Context } from './context'
import { createReach } from './reach'
import { ServerClock } from './server-clock'
import { createSession } from './session'

export interface Mounted<Result> {
  result: Result
  context: Context
  unmount: () => void
}

/** A wire that never connects. */
const NOWHERE: Wire = {
  connected: false,
  open: () => undefined,
  close: () => undefined,
  call: () => new Promise(() => undefined),
  on: () => undefined,
}

export function withSetup<Result>(api: Partial<Api>, setup: () => Result, wire: Wire = NOWHERE): Mounted<Result> {
  const context: Context = {
    api: api as Api,
    session: createSession(api as Api),
    reach: createReach(() => Promise.resolve(true)),
    clock: new ServerClock(),
    live: new Connection(wire),
  }
  let result: Result | undefined
  const app = createApp(
    defineComponent({
      setup() {
        result = setup()
        return () => h('div')
      },
    }),
  )
  app.provide(CONTEXT, context)
  app.mount(document.createElement('div'))
  return {
    result: result as Result,
    context,
    unmount: () => {
      app.unmount()
    },
  }
}
