/** Timers by name: a name set again begins anew. */
export class Timers {
  private readonly set = new Map<string, ReturnType<typeof setTimeout>>()

  /** ms */
  later(name: string, ms: number, run: () => void): void {
    this.clear(name)
    this.set.set(
      name,
      setTimeout(() => {
        this.set.delete(name)
        run()
      }, ms),
    )
  }

  has(name: string): boolean {
    return this.set.has(name)
  }

  clear(name: string): void {
    clearTimeout(this.set.get(name))
    this.set.delete(name)
  }

  clearAll(): void {
    for (const name of [...this.set.keys()]) this.clear(name)
  }
}
