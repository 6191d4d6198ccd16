/** Growing pauses between attempts, with a little chance in them so that a hall full of phones does not knock all at once. */
export class Backoff {
  private attempts = 0

  constructor(
    private readonly first: number,
    private readonly longest: number,
    private readonly chance: () => number = Math.random,
  ) {}

  /** ms until the next attempt: doubles each time up to `longest`, then ± 20 %. */
  next(): number {
    const pause = Math.min(this.longest, this.first * 2 ** this.attempts)
    this.attempts += 1
    return Math.round(pause * (0.8 + 0.4 * this.chance()))
  }

  reset(): void {
    this.attempts = 0
  }

  get tries(): number {
    return this.attempts
  }
}
