/** For tests: a place to run composables in, or to show a component in, with a context made of what the test gives. */
import { createApp, defineComponent, h, type Component } from 'vue'
import type { Api } from '@/api'
import { Connection } from '@/protocol/connection'
import type { Wire } from '@/protocol/wire'
import { CONTEXT, type Context } from './context'
import { createKeptCodes } from './kept-codes'
import { createOffers } from './offers'
import { OwnChannel } from './own-channel'
import { createReach } from './reach'
import { ServerClock } from './server-clock'
import { createSession } from './session'
import { createWaiting } from './waiting'

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

function contextOf(api: Partial<Api>, wire: Wire): Context {
  const session = createSession(api as Api)
  const live = new Connection(wire)
  const reach = createReach(() => Promise.resolve(true))
  return {
    api: api as Api,
    session,
    reach,
    clock: new ServerClock(),
    live,
    own: new OwnChannel(session, live),
    waiting: createWaiting(api as Api, session),
    codes: createKeptCodes(api as Api, session, reach),
    offers: createOffers(session, live, 0),
  }
}

export function withSetup<Result>(api: Partial<Api>, setup: () => Result, wire: Wire = NOWHERE): Mounted<Result> {
  const context = contextOf(api, wire)
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

export interface Shown {
  /** Sheets and dialogs stand in the body beside it. */
  page: HTMLElement
  press: (words: string) => void
  unmount: () => void
}

export function showing(api: Partial<Api>, component: Component, properties: Record<string, unknown> = {}): Shown {
  const app = createApp(component, properties)
  app.provide(CONTEXT, contextOf(api, NOWHERE))
  app.mount(document.body.appendChild(document.createElement('div')))
  return {
    page: document.body,
    press: (words) => {
      const button = [...document.body.querySelectorAll('button')].find((each) => each.textContent.includes(words))
      if (button === undefined) throw new Error(`no button “${words}” in: ${document.body.textContent}`)
      button.click()
    },
    unmount: () => {
      app.unmount()
      document.body.innerHTML = ''
    },
  }
}
