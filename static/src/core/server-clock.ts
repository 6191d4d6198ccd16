/**
 * The server's clock as this page knows it. Phones are often minutes wrong, and a countdown must not be.
 * Each answer that carries `server_time` is a sample; the one with the shortest round trip is believed, until it is old.
 */
const BELIEVED_FOR = 10 * 60_000

export class ServerClock {
  private offset = 0
  private roundTrip = Infinity
  private sampledAt = -Infinity

  constructor(private readonly local: () => number = () => Date.now()) {}

  /** All in ms since the epoch; `sent` and `received` by the local clock. */
  observe(server: number, sent: number, received: number): void {
    const roundTrip = received - sent
    if (!Number.isFinite(server) || roundTrip < 0) return
    if (roundTrip > this.roundTrip && received - this.sampledAt < BELIEVED_FOR) return
    this.offset = server - (sent + received) / 2
    this.roundTrip = roundTrip
    this.sampledAt = received
  }

  /** ms since the epoch. */
  now(): number {
    return this.local() + this.offset
  }
}
