/** Time over the picture, in s: it runs while the picture does. Looks to the engine like a media element that plays at normal speed. */

type Heard = 'play' | 'pause' | 'seeking'

export class StageClock {
  readonly playbackRate = 1
  paused = true
  private passed = 0
  private since = 0
  private readonly ears: [name: string, hear: () => void][] = []

  constructor(private readonly now: () => number = () => performance.now()) {}

  get currentTime(): number {
    return this.passed + (this.paused ? 0 : (this.now() - this.since) / 1000)
  }

  run(on: boolean): void {
    if (on !== this.paused) return
    if (on) this.since = this.now()
    else this.passed = this.currentTime
    this.paused = !on
    this.tell(on ? 'play' : 'pause')
  }

  tell(name: Heard): void {
    for (const [each, hear] of [...this.ears]) if (each === name) hear()
  }

  addEventListener(name: string, hear: () => void): void {
    this.ears.push([name, hear])
  }

  removeEventListener(name: string, hear: () => void): void {
    const at = this.ears.findIndex(([each, ear]) => each === name && ear === hear)
    if (at >= 0) this.ears.splice(at, 1)
  }
}
