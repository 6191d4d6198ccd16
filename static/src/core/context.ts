/** What every page is given: made once in main.ts, handed down by injection, never a module global. */
import { inject, type InjectionKey } from 'vue'
import type { Api } from '@/api'
import type { Connection } from '@/protocol'
import type { OwnChannel } from './own-channel'
import type { KeptCodes } from './kept-codes'
import type { Offers } from './offers'
import type { Reach } from './reach'
import type { ServerClock } from './server-clock'
import type { Session } from './session'
import type { Waiting } from './waiting'

export interface Context {
  api: Api
  session: Session
  reach: Reach
  clock: ServerClock
  live: Connection
  own: OwnChannel
  waiting: Waiting
  codes: KeptCodes
  offers: Offers
}

export const CONTEXT: InjectionKey<Context> = Symbol('context')

export function useContext(): Context {
  const context = inject(CONTEXT)
  if (context === undefined) throw new Error('no context: the component is outside the app')
  return context
}
