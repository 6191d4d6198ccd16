/** The wire over the official client: WebSocket where it can be had, polling where a network forbids it. */
import { io } from 'socket.io-client'
import type { Wire } from './wire'

export interface Credentials {
  csrf: string
}

/** `credentials` are asked for at every attempt; `renew` when the server has refused or dismissed who was signed in. */
export function openSocket(credentials: () => Promise<Credentials>, renew: () => Promise<void>): Wire {
  const socket = io({
    autoConnect: false,
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    reconnectionDelay: 500,
    reconnectionDelayMax: 8_000,
    timeout: 10_000,
    auth: (give) => {
      credentials().then(give, () => {
        give({})
      })
    },
  })
  let wanted = false

  function later(): void {
    setTimeout(() => {
      if (wanted && !socket.active) socket.connect()
    }, 2_000)
  }

  // The client tries again by itself unless the server itself has said no: then it may be somebody else's turn.
  socket.on('connect_error', () => {
    if (!socket.active) renew().then(later, later)
  })
  socket.on('disconnect', (reason) => {
    if (reason === 'io server disconnect') renew().then(later, later)
  })

  return {
    get connected() {
      return socket.connected
    },
    open() {
      wanted = true
      if (!socket.active) socket.connect()
    },
    close() {
      wanted = false
      socket.disconnect()
    },
    call: (event, payload, timeout) => socket.timeout(timeout).emitWithAck(event, payload) as Promise<unknown>,
    on(event, hear) {
      socket.on<string>(event, hear)
    },
  }
}
